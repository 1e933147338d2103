import { defineReducer, defineSchema, Entity, mutation } from "ventyd";
import { createTestClock, createTestIds, given } from "ventyd/testing";
import { v, valibot } from "ventyd/valibot";

declare const console: { log(line: string): void };

const schema = defineSchema("lamp", {
  schema: valibot({
    event: { made: v.object({}), lit: v.object({ watts: v.number() }) },
    state: v.object({ watts: v.number() }),
  }),
  initialEventName: "lamp:made",
});
const reducer = defineReducer(schema, {
  "lamp:made": () => ({ watts: 0 }),
  "lamp:lit": (_, { body }) => body,
});
const clock = createTestClock("2026-01-01T00:00:00Z");
class Lamp extends Entity(schema, reducer, { now: clock.now, generateId: createTestIds() }) {
  light = mutation(this, (dispatch, watts: number) => dispatch("lamp:lit", { watts }));
}

given(Lamp)
  .events(["lamp:made", {}])
  .when((lamp) => lamp.light(40))
  .thenEvents(["lamp:lit", { watts: 40 }])
  .thenState({ watts: 40 });

// @ts-expect-error there is no such event
const wrong = () => given(Lamp).events(["lamp:gone", {}]);

let refused = "";
try {
  given(Lamp).events(["lamp:made", {}]).thenState({ watts: 1 });
} catch (error) {
  refused = (error as Error).name;
}
clock.advance(1000);
const lamp = Lamp.create({ body: {} });
console.log(JSON.stringify([refused, lamp.entityId, lamp.uncommittedEvents[0]?.eventCreatedAt, typeof wrong]));
