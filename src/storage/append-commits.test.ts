import { createMemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { appendOne, commitOf, readAll } from "../testing/contract/events.ts";
import type { EventStore } from "./index.ts";

const statuses = async (append: ReturnType<EventStore["append"]>) => (await append).map(({ status }) => status);
const idsOf = async (store: EventStore) => (await readAll(store)).map(({ eventId }) => eventId);

test("what repeats, within one append, what is written and then taken back is no duplicate: it is not stored either", async () => {
  const store = createMemoryStore();
  await store.append([commitOf("old", 0, ["e0"])]);
  const rows = await store.append([
    commitOf("a", 0, ["e1"], { idempotencyKey: "k" }),
    commitOf("a", 1, ["e2"], { idempotencyKey: "k" }),
    commitOf("old", 0, ["e0"]),
    commitOf("b", 7, ["e4"]),
  ]);
  expect(rows.map(({ status }) => status)).toEqual(["held_back", "held_back", "duplicate", "conflict"]);
  expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["e0"]);
});

test("a commit without a key is no part of the command that others in its append belong to", async () => {
  const store = createMemoryStore();
  const keyed = () => commitOf("a", 0, ["e1"], { idempotencyKey: "k" });
  await store.append([keyed()]);
  expect(await statuses(store.append([keyed(), commitOf("b", 0, ["e2"])]))).toEqual(["duplicate", "written"]);
  const again = commitOf("a", 0, ["e3"], { idempotencyKey: "k" });
  expect(await statuses(store.append([again, commitOf("c", 0, ["e4"])]))).toEqual(["duplicate", "written"]);
  expect(await idsOf(store)).toEqual(["e1", "e2", "e4"]);
});

test("the beginning of a commit is known by its ids, though its key stands for all of it", async () => {
  const store = createMemoryStore();
  await store.append([commitOf("a", 0, ["e1", "e2"], { idempotencyKey: "k" })]);
  expect(await appendOne(store, commitOf("a", 0, ["e1"], { idempotencyKey: "k" }))).toMatchObject({
    status: "duplicate",
    version: 1,
  });
});

test("a commit that completes one without a key is found by its own", async () => {
  const store = createMemoryStore();
  await store.append([commitOf("a", 0, ["e1"])]);
  await store.append([commitOf("a", 0, ["e1", "e2", "e3"], { idempotencyKey: "k" })]);
  const found = await store.findByIdempotencyKey({ entityName: "thing", entityId: "a", idempotencyKey: "k" });
  expect(found?.map(({ eventId }) => eventId)).toEqual(["e2", "e3"]);
});

test("into what is erased comes nothing that is not, not even behind what is", async () => {
  const store = createMemoryStore();
  const stream = { entityName: "thing", entityId: "a" };
  await store.append([commitOf("a", 0, ["e1"])]);
  await store.erase(stream, { actor: "alice", reason: "asked to" });
  const envelope = { ...stream, eventName: "thing:happened", eventCreatedAt: "2024-01-01T12:00:00Z" };
  const copied = store.import([
    { ...envelope, eventId: "e3", version: 3, body: null, isErased: true },
    { ...envelope, eventId: "e4", version: 4, body: { secret: true } },
  ]);
  await expect(copied).rejects.toMatchObject({ code: "entity_erased" });
  expect(await store.load(stream)).toHaveLength(2);
});
