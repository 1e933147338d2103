import { createMemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { readAll } from "../testing/contract/events.ts";

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error) => error,
  );

const event = (entityId: string, version: number, eventId = `${entityId}${version}`) => ({
  entityName: "thing",
  entityId,
  version,
  eventId,
  eventName: "thing:happened",
  eventCreatedAt: "2024-01-01T12:00:00Z",
  body: {},
});

test("an import that cannot go on names what stands in its way, not what would have been written beside it", async () => {
  const store = createMemoryStore();
  await store.import([event("b", 1)]);
  const one = await rejection(store.import([event("a", 1), event("b", 5)]));
  expect(one).toMatchObject({ code: "import_conflict" });
  expect(String(one)).toContain('Import refused: version 5 of thing "b"');
  const two = await rejection(store.import([event("a", 1), event("b", 5), event("b", 6), event("b", 7)]));
  expect(String(two)).toContain('Import refused: versions 5 to 7 of thing "b"');
  expect(String(two)).toContain("which is at version 1 here");
  expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["b1"]);
});

test("versions that are none are refused", async () => {
  const store = createMemoryStore();
  for (const version of [0, -1, 1.5, Number.NaN]) {
    expect(await rejection(store.import([event("a", version)]))).toMatchObject({ code: "invalid_option" });
  }
});

test("bodies from elsewhere are parsed when they are loaded, unless the import says what made them", async () => {
  const store = createMemoryStore();
  await store.import([event("a", 1), { ...event("a", 2), bodyIsOutput: true }]);
  const loaded = await store.load({ entityName: "thing", entityId: "a" });
  expect(loaded.map(({ bodyIsOutput }) => bodyIsOutput)).toEqual([false, true]);
});

test("an event without a body is refused", async () => {
  const store = createMemoryStore();
  const envelope = { eventId: "e1", eventName: "thing:happened", eventCreatedAt: "2024-01-01T12:00:00Z" };
  const events = [{ ...envelope, body: undefined as never, metadata: {}, bodyIsOutput: true }];
  const append = store.append([{ entityName: "thing", entityId: "a", expectedVersion: 0, events }]);
  expect(await rejection(append)).toMatchObject({ code: "invalid_option" });
  expect(await readAll(store)).toEqual([]);
});
