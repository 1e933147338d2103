import fc from "fast-check";
import { expect } from "vitest";
import type { Fact, Held } from "./model.ts";
import { answers, entityId, fails, key, missing, name, only, Step } from "./step.ts";
import type { Words } from "./words.ts";

export const create = (entityId: string, name: string) =>
  new Step(`create ${entityId} as ${name}`, async (model, world) => {
    const held = unborn(entityId);
    const word = model.newWord();
    model.dispatch(held, word, world.entityClock.ms);
    const row = only(model.commit([held], world.storeClock.ms));
    const call = world.repository.create({ entityId, body: { word } });
    await answers(call, row);
    if ("code" in row) return;
    model.acknowledge([held]);
    model.held.set(name, held);
    world.held.set(name, (await call).entity);
  });

const unborn = (entityId: string): Held => ({
  entityId,
  base: 0,
  baseFact: undefined,
  queue: [],
  handedOver: 0,
  words: [],
});

export const begin = fc.tuple(entityId, name).map(
  ([entityId, name]) =>
    new Step(`begin ${entityId} as ${name}, without a commit`, async (model, world) => {
      const held = unborn(entityId);
      const word = model.newWord();
      model.dispatch(held, word, world.entityClock.ms);
      model.held.set(name, held);
      world.held.set(name, world.Words.create({ entityId, body: { word } }));
    }),
);

export const load = (entityId: string, name: string) =>
  new Step(`load ${entityId} as ${name}`, async (model, world) => {
    const call = world.repository.findOneOrThrow({ entityId });
    const problem = missing(model, entityId);
    if (problem !== undefined) return fails(call, problem);
    model.held.set(name, model.open(entityId));
    world.held.set(name, await call);
  });

export const say = fc
  .tuple(name, fc.integer({ min: 1, max: 3 }), fc.constantFrom("now", "throws", "later", "rejects"))
  .map(
    ([name, count, manner]) =>
      new Step(`${name} says ${count}, ${manner}`, async (model, world) => {
        const [held, entity] = [model.held.get(name), world.held.get(name)];
        if (held === undefined || entity === undefined) return;
        const words = Array.from({ length: count }, () => model.newWord());
        if (manner === "throws") return expect(() => entity.sayAndThrow(words)).toThrow("better");
        if (manner === "rejects") return fails(entity.sayLater(words, true), "thought better of it");
        if (manner === "now") entity.say(words);
        else await entity.sayLater(words, false);
        for (const word of words) model.dispatch(held, word, world.entityClock.ms);
      }),
  );

export const sayDated = fc.tuple(name, fc.integer({ min: -5_000, max: 5_000 })).map(
  ([name, offset]) =>
    new Step(`${name} says what happened ${offset} ms from now`, async (model, world) => {
      const [held, entity] = [model.held.get(name), world.held.get(name)];
      if (held === undefined || entity === undefined) return;
      const word = model.newWord();
      const at = world.entityClock.ms + offset;
      entity.sayDated(word, new Date(at).toISOString());
      model.dispatch(held, word, world.entityClock.ms, at);
    }),
);

const fault = fc.constantFrom(undefined, undefined, undefined, "not sent" as const, "answer lost" as const);

export const commit = fc.tuple(name, key, fault).map(
  ([name, idempotencyKey, fault]) =>
    new Step(`commit ${name} ${idempotencyKey ?? ""} ${fault ?? ""}`, async (model, world) => {
      const [held, entity] = [model.held.get(name), world.held.get(name)];
      if (held === undefined || entity === undefined) return;
      // A transaction that the application goes on with after a failure of the database is not what is tried here.
      const isFaulty = fault !== undefined && !model.inTransaction && held.queue.length > 0;
      if (isFaulty) world.fault = fault;
      const call = world.repository.commit(entity, { idempotencyKey });
      if (isFaulty && fault === "not sent") return fails(call, fault);
      const row = only(model.commit([held], world.storeClock.ms, idempotencyKey));
      // Stored or refused: nobody knows.
      if (isFaulty) return fails(call, "answer lost");
      await answers(call, row, held.base + held.handedOver);
      if (!("code" in row)) model.acknowledge([held]);
    }),
);

export const commitTwo = fc.tuple(name, name, fc.boolean()).map(
  ([first, second, byStore]) =>
    new Step(`commit ${first} and ${second}${byStore ? " to the store" : ""}`, async (model, world) => {
      const all = [model.held.get(first), model.held.get(second)];
      const [one, two] = [world.held.get(first), world.held.get(second)];
      if (all[0] === undefined || all[1] === undefined || one === undefined || two === undefined) return;
      const rows = model.commit(all as Held[], world.storeClock.ms);
      const call: Promise<readonly { version: number }[]> = byStore
        ? world.store.commit([one, two])
        : world.repository.commit([one, two]);
      if ("code" in rows) return fails(call, rows.code);
      model.acknowledge(all as Held[]);
      expect((await call).map(({ version }) => version)).toEqual(
        (rows as readonly { facts: readonly Fact[] }[]).map(
          ({ facts }, index) => facts.at(-1)?.version ?? (all[index] as Held).base + (all[index] as Held).handedOver,
        ),
      );
    }),
);

/** A mutation that answers. */
function sayAll(entity: Words, words: readonly string[]): "done" {
  entity.say(words);
  return "done";
}

export const mutate = fc.tuple(entityId, fc.integer({ min: 1, max: 3 }), key).map(
  ([entityId, count, idempotencyKey]) =>
    new Step(`mutate ${entityId}: ${count} ${idempotencyKey ?? ""}`, async (model, world) => {
      const words = Array.from({ length: count }, () => model.newWord());
      const call = world.repository.mutate({ entityId }, (entity) => sayAll(entity, words), { idempotencyKey });
      const problem = missing(model, entityId);
      if (problem !== undefined) return fails(call, problem);
      const known = idempotencyKey === undefined ? undefined : model.keys.get(`${entityId} ${idempotencyKey}`);
      const held = model.open(entityId);
      for (const word of words) model.dispatch(held, word, world.entityClock.ms);
      const row = known
        ? { facts: known, duplicate: true }
        : only(model.commit([held], world.storeClock.ms, idempotencyKey));
      await answers(call, row);
      expect((await call).result).toBe(known === undefined ? "done" : undefined);
    }),
);
