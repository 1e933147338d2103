import { createRepository, defineReducer, defineSchema, Entity, mutation, type StoredEvent } from "ventyd";
import { createMemoryStore, type MemoryStore } from "ventyd/memory";
import { z, zod } from "ventyd/zod";

declare const console: { log(line: string): void };

const counted = z.object({ count: z.number() });
const schema = defineSchema("counter", {
  schema: zod({ event: { started: counted, moved: counted }, state: counted }),
  initialEventName: "counter:started",
});
const reducer = defineReducer(schema, (state, event) => {
  switch (event.eventName) {
    case "counter:started":
      return event.body;
    case "counter:moved":
      return { count: state.count + event.body.count };
    default:
      return state;
  }
});
class Counter extends Entity(schema, reducer) {
  move = mutation(this, (dispatch, count: number) => dispatch("counter:moved", { count }));
}

async function main() {
  const store: MemoryStore = createMemoryStore();
  const counters = createRepository(Counter, { adapter: store, snapshot: { frequency: 2 } });
  const a = Counter.create({ entityId: "a", body: { count: 1 } });
  const b = Counter.create({ entityId: "b", body: { count: 2 } });
  await store.transaction(async () => {
    await counters.commit([a, b], { actor: "alice" });
    a.move(10);
    await counters.commit(a);
  });
  const read: StoredEvent[] = [];
  for await (const event of store.read({ after: 1 })) read.push(event);
  const names = read.map(({ eventName }) => eventName);
  // @ts-expect-error a position is a number
  const position: string = read[0]?.position ?? 0;
  const before = await counters.findOne({ entityId: "a", version: 1 });
  // @ts-expect-error what is read of the past cannot change
  before?.move;
  const changes = await counters.diff({ entityId: "a", from: 1, to: 2 });
  const { durability } = await store.status();
  console.log(JSON.stringify([names, position, before?.state, changes, durability.survives]));
  await store.close();
}

void main();
