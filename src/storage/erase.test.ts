import { createMemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { commitOf, readAll } from "../testing/contract/events.ts";

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error) => error,
  );

const who = { actor: "alice", reason: "asked to" };
const stream = { entityName: "thing", entityId: "a" };

test("an erasure happens, and is recorded, no earlier than what it erases, though the clock has been put back", async () => {
  let now = "2030-01-01T00:00:00.000Z";
  const store = createMemoryStore({ now: () => new Date(now) });
  await store.append([commitOf("a", 0, [{ eventCreatedAt: "2040-01-01T00:00:00.000Z" }])]);
  now = "2020-01-01T00:00:00.000Z";
  const { events } = await store.erase(stream, who);
  expect(events[0]).toMatchObject({
    eventCreatedAt: "2040-01-01T00:00:00.000Z",
    recordedAt: "2030-01-01T00:00:00.000Z",
    bodyIsOutput: true,
  });
});

test("names that no store could keep are no names of what can be erased", async () => {
  const store = createMemoryStore();
  await store.append([commitOf("a", 0, ["e1"])]);
  const wrong = [
    { ...stream, entityName: "a\u0000" },
    { ...stream, entityId: "\ud800" },
    { ...stream, namespaceSeparator: "\u0000" },
  ];
  for (const args of wrong) expect(await rejection(store.erase(args, who))).toMatchObject({ code: "invalid_text" });
  expect(await readAll(store)).toHaveLength(1);
});

test("an erasure without a reason says which entity it was about", async () => {
  const store = createMemoryStore();
  await store.append([commitOf("a", 0, ["e1"])]);
  const refused = store.erase(stream, { actor: "alice" });
  expect(await rejection(refused)).toMatchObject({
    code: "attribution_missing",
    ...stream,
    eventName: "thing:$erased",
  });
});
