import { createRepository, defineEntity, type EventStore, type Json } from "ventyd";
import { expect } from "vitest";
import { anything, refusalOf } from "./trial.ts";
import { nested } from "./values.ts";

const Large = defineEntity("large", {
  state: anything<{ readonly last: unknown }>(),
  events: { made: anything(), put: anything() },
  initial: "made",
  reduce: { made: (_, { body }) => ({ last: body }), put: (_, { body }) => ({ last: body }) },
  mutations: { put: ({ dispatch }, body: unknown) => void dispatch("put", body) },
});

type Case = readonly [title: string, body: Json, code?: string];

/** Bodies that are kept, up to as much as JSON and columns can take. */
export const fitting: readonly Case[] = [
  // Ten bytes of JSON each.
  ["10 MB of what every layer escapes, or takes for something else", "\\'\"\u{1f600}x".repeat(1_000_000)],
  ["10,000 keys", Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key ${n}`, { n }]))],
  ["499 levels", nested(499)],
];

/** Bodies that are refused, and the code of the error. */
export const excessive: readonly Case[] = [
  ["17 MB", "x".repeat(17_000_000), "body_too_large"],
  ["1,000 levels", nested(1_000), "not_json"],
  ["100,000 levels", nested(100_000), "not_json"],
];

/** Takes a store through one large body. */
export async function largeTrial(store: EventStore, entityId: string, body: Json, code?: string): Promise<void> {
  const things = createRepository(Large, { adapter: store });
  await things.create({ entityId, body: "first" });
  const attempt = things.mutate({ entityId }, (thing) => thing.put(body));
  const history = { entityName: "large", entityId };
  const last = async () => (await things.findOneOrThrow({ entityId })).state.last;
  if (code !== undefined) {
    expect(await attempt.catch(refusalOf)).toEqual({ refused: code });
    expect(await store.loadHistory(history)).toHaveLength(1);
    await things.mutate({ entityId }, (thing) => thing.put("small"));
    expect(await last()).toBe("small");
    return;
  }
  await attempt;
  const text = JSON.stringify(body);
  const [, stored] = await store.loadHistory(history);
  // Two texts that differ would be shown, megabytes of them.
  expect(JSON.stringify(stored?.body) === text).toBe(true);
  expect(JSON.stringify(await last()) === text).toBe(true);
  await things.rollback({ entityId, toVersion: 1 }, { actor: "alice", reason: "it was too large" });
  expect(await last()).toBe("first");
}
