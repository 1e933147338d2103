import fc from "fast-check";
import type { ImportedEvent } from "ventyd";
import { expect } from "vitest";
import { readAll } from "../../../src/testing/contract/events.ts";
import type { Fact } from "./model.ts";
import { answers, entityId, fails, Step } from "./step.ts";

const who = { actor: "alice", reason: "Property" };

export const erase = entityId.map(
  (entityId) =>
    new Step(`erase ${entityId}`, async (model, world) => {
      const stream = model.stream(entityId);
      const call = world.store.erase({ entityName: "words", entityId }, who);
      if (stream.length === 0) return fails(call, "entity_not_found");
      const isErased = model.erased.has(entityId);
      const createdMs = Math.max(world.storeClock.ms, stream.at(-1)?.createdMs as number);
      const fact: Fact = { entityId, version: stream.length + 1, name: "$erased", createdMs, recordedMs: 0 };
      if (!isErased) model.write([fact], world.storeClock.ms);
      model.erased.add(entityId);
      await answers(call, { facts: [isErased ? (stream.at(-1) as Fact) : fact], duplicate: isErased });
    }),
);

const run = fc.record({
  entityId,
  /** How many events at the end of what is stored come along once more. */
  repeated: fc.integer({ min: 0, max: 3 }),
  added: fc.integer({ min: 0, max: 3 }),
  leavesGap: fc.constantFrom(true, false, false, false),
});

export const importEvents = fc
  .uniqueArray(run, { minLength: 1, maxLength: 2, selector: ({ entityId }) => entityId })
  .map(
    (runs) =>
      new Step(`import ${JSON.stringify(runs)}`, async (model, world) => {
        const log = await readAll(world.store);
        const before = model.save();
        const given: ImportedEvent[] = [];
        let [imported, skipped] = [0, 0];
        let problem: string | undefined;
        for (const { entityId, repeated, added, leavesGap } of runs) {
          const stream = model.stream(entityId);
          const again = stream.slice(Math.max(0, stream.length - repeated));
          for (const fact of again) given.push(log[model.log.indexOf(fact)] as ImportedEvent);
          skipped += again.length;
          const first = stream.length + 1 + (leavesGap ? 1 : 0);
          const facts = Array.from({ length: added }, (_, index): Fact => {
            const version = first + index;
            const createdMs = world.entityClock.ms + index;
            return {
              entityId,
              version,
              name: version === 1 ? "begun" : "said",
              word: model.newWord(),
              createdMs,
              recordedMs: 0,
            };
          });
          given.push(...facts.map((fact) => importedForm(fact)));
          imported += added;
          if (problem !== undefined || added === 0) continue;
          if (first > stream.length + 1) problem = "import_conflict";
          else if (model.erased.has(entityId)) problem = "entity_erased";
          else model.write(facts, world.storeClock.ms);
        }
        const call = world.store.import(given);
        if (problem === undefined) return expect(await call).toEqual({ imported, skipped });
        model.restore(before);
        await fails(call, problem);
      }),
  );

function importedForm({ entityId, version, name, word, createdMs }: Fact): ImportedEvent {
  return {
    eventId: `imported ${word}`,
    eventName: `words:${name}`,
    eventCreatedAt: new Date(createdMs).toISOString(),
    entityName: "words",
    entityId,
    version,
    body: { word },
  };
}
