import { ValidationError } from "ventyd";
import { describe, expect, test } from "vitest";
import { type DecisionRow, decisionTable } from "./decision-table.ts";
import { appendOne, type CreateStore, commitOf, eventsOf, readAll, storedIds, upTo, write } from "./events.ts";

/** What `append` promises: the decision table, atomic batches, idempotency keys. */
export function appendCases(createStore: CreateStore): void {
  describe("the decision table", () => {
    test.for(decisionTable.map((row) => [row.title, row] as const))("%s", async ([, row]) => {
      await follow(row);
    });

    async function follow({
      stored,
      expectedVersion,
      submitted,
      expectedEventId,
      decision,
    }: DecisionRow): Promise<void> {
      const store = await createStore();
      for (const [index, id] of stored.entries()) await write(store, commitOf("t", index, [id]));

      const row = await appendOne(store, commitOf("t", expectedVersion, submitted, { expectedEventId }));
      const ids = await storedIds(store, "t");
      switch (decision.kind) {
        case "write": {
          expect(row).toMatchObject({ status: "written", version: decision.firstVersion + submitted.length - 1 });
          expect(ids).toEqual([...stored, ...submitted.slice(decision.skip)]);
          break;
        }
        case "duplicate":
          expect(row).toMatchObject({ status: "duplicate", version: decision.firstVersion + submitted.length - 1 });
          expect(ids).toEqual(stored);
          break;
        default:
          expect(row).toEqual({ status: decision.kind, actualVersion: stored.length });
          expect(ids).toEqual(stored);
      }
      if ("events" in row) {
        expect(row.events.map(({ eventId }) => eventId)).toEqual(submitted);
        expect(row.events.map(({ version }) => version)).toEqual(
          submitted.map((_, index) => (decision as { firstVersion: number }).firstVersion + index),
        );
      }
    }
  });

  describe("append", () => {
    test("answers with the events as they are then read back", async () => {
      const store = await createStore();
      const commit = commitOf("t", 0, [
        { body: { text: "one" }, metadata: { actor: "alice", reason: "why not", correlationId: "c-1" } },
        { body: null, eventCreatedAt: "2024-01-01T13:00:00+01:00" },
      ]);
      const events = await write(store, commit);
      expect(events).toEqual(await store.loadHistory({ entityName: "thing", entityId: "t" }));
      expect(events).toEqual(await readAll(store));
      expect(events).toMatchObject(
        commit.events.map(({ eventId, eventName, eventCreatedAt, body, metadata }, index) => ({
          eventId,
          eventName,
          eventCreatedAt,
          body,
          metadata,
          entityName: "thing",
          entityId: "t",
          version: index + 1,
        })),
      );
    });

    test("answers the same retry with the original versions, positions and times", async () => {
      let clock = Date.parse("2024-01-01T00:00:00Z");
      const store = await createStore({ now: () => new Date(clock) });
      const commit = commitOf("t", 0, ["a", "b"]);
      const first = await write(store, commit);
      clock += 60_000;
      await write(store, commitOf("t", 2, ["c"]));
      await write(store, commitOf("other", 0, ["d"]));

      expect(await appendOne(store, commit)).toEqual({ status: "duplicate", version: 2, events: first });
      expect(await readAll(store)).toHaveLength(4);
    });

    test("completes a stored prefix, and answers all of it: its old part as it was stored", async () => {
      let clock = Date.parse("2024-01-01T00:00:00Z");
      const store = await createStore({ now: () => new Date(clock) });
      const [first] = await write(store, commitOf("t", 0, ["a"]));
      clock += 60_000;
      const events = await write(store, commitOf("t", 0, ["a", "b"]));
      expect(events[0]).toEqual(first);
      expect(events[1]).toMatchObject({ eventId: "b", version: 2, recordedAt: "2024-01-01T00:01:00.000Z" });
    });

    test("refuses an id that another entity has, and writes nothing", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      for (const expectedVersion of [0, "any"] as const) {
        const row = await appendOne(store, commitOf("other", expectedVersion, ["x", "a"]));
        expect(row).toEqual({ status: "corrupt_retry", actualVersion: 0 });
      }
      expect(await storedIds(store, "other")).toEqual([]);
      // "x" was not kept in secret either.
      expect((await appendOne(store, commitOf("third", 0, ["x"]))).status).toBe("written");
    });

    test("refuses an id of another entity name, for ids are unique in the whole store", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      const row = await appendOne(store, commitOf("t", 0, ["a"], { entityName: "gadget" }));
      expect(row).toEqual({ status: "corrupt_retry", actualVersion: 0 });
    });

    test("refuses, at the current version, an id that the entity already has", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a", "b"]));
      const row = await appendOne(store, commitOf("t", 2, ["c", "a"]));
      expect(row).toEqual({ status: "corrupt_retry", actualVersion: 2 });
      expect(await storedIds(store, "t")).toEqual(["a", "b"]);
    });

    test("refuses an id that stands twice in one append, and writes nothing", async () => {
      const store = await createStore();
      await expect(store.append([commitOf("t", 0, ["a", "a"])])).rejects.toBeInstanceOf(ValidationError);
      const twoEntities = [commitOf("t", 0, ["b"]), commitOf("u", 0, ["b"])];
      await expect(store.append(twoEntities)).rejects.toBeInstanceOf(ValidationError);
      expect(await readAll(store)).toEqual([]);
    });

    test("B8: a conflict names the version that is stored", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a", "b", "c"]));
      expect(await appendOne(store, commitOf("t", 0, ["x"]))).toEqual({ status: "conflict", actualVersion: 3 });
      expect(await appendOne(store, commitOf("t", 9, ["x"]))).toEqual({ status: "conflict", actualVersion: 3 });
      expect(await appendOne(store, commitOf("u", 9, ["x"]))).toEqual({ status: "conflict", actualVersion: 0 });
    });

    test("B1: of 200 racing appends to an entity that must not exist one is written", async () => {
      const store = await createStore();
      const rows = await Promise.all(upTo(200).map((n) => appendOne(store, commitOf("t", 0, [`e${n}`]))));
      expect(rows.filter(({ status }) => status === "written")).toHaveLength(1);
      expect(rows.filter(({ status }) => status === "conflict")).toHaveLength(199);
      expect(await storedIds(store, "t")).toHaveLength(1);
    });

    test("numbers racing appends with any version 1, 2, 3 without holes", async () => {
      const store = await createStore();
      await Promise.all(upTo(50).map((n) => write(store, commitOf("t", "any", [`a${n}`, `b${n}`]))));
      const events = await store.loadHistory({ entityName: "thing", entityId: "t" });
      expect(events.map(({ version }) => version)).toEqual(upTo(100));
      // Each commit stayed together.
      for (let index = 0; index < events.length; index += 2) {
        expect(events[index]?.eventId.slice(1)).toBe(events[index + 1]?.eventId.slice(1));
      }
    });

    test("takes an append of nothing for what it is", async () => {
      const store = await createStore();
      expect(await store.append([])).toEqual([]);
      expect(await readAll(store)).toEqual([]);
    });

    test("refuses ids and names that no store could keep apart, and writes nothing", async () => {
      const store = await createStore();
      for (const bad of ["\ud800", "a\u0000b", "", "x".repeat(256)]) {
        await expect(store.append([commitOf(bad, 0, ["a"])]), JSON.stringify(bad)).rejects.toMatchObject({
          code: "invalid_text",
        });
        await expect(store.append([commitOf("t", 0, [bad])]), JSON.stringify(bad)).rejects.toMatchObject({
          code: "invalid_text",
        });
      }
      expect(await readAll(store)).toEqual([]);
    });
  });

  describe("an append of several entities", () => {
    test("is written whole, with one row per commit in their order", async () => {
      const store = await createStore();
      const rows = await store.append([commitOf("b", 0, ["b1", "b2"]), commitOf("a", 0, ["a1"])]);
      expect(rows).toMatchObject([
        { status: "written", version: 2, events: [{ eventId: "b1" }, { eventId: "b2" }] },
        { status: "written", version: 1, events: [{ eventId: "a1" }] },
      ]);
      expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["b1", "b2", "a1"]);
    });

    const refusals = [
      { refusal: commitOf("r", 0, ["x"]), status: "conflict" },
      { refusal: commitOf("r", 0, ["r1", "x"]), status: "corrupt_retry" },
      { refusal: commitOf("fresh", 0, ["r1"]), status: "corrupt_retry" },
      {
        refusal: commitOf("r", 2, [{ eventId: "x", eventName: "thing:else" }], { idempotencyKey: "k" }),
        status: "key_mismatch",
      },
    ];
    for (const { refusal, status } of refusals) {
      test.for([0, 1, 2])(
        `writes nothing when commit %i is refused (${status}, ${refusal.entityId})`,
        async (place) => {
          const store = await createStore();
          await write(store, commitOf("r", 0, ["r1", "r2"], { idempotencyKey: "k" }));
          const before = await readAll(store);

          const commits = [commitOf("a", 0, ["a1"]), commitOf("b", 0, ["b1"])];
          commits.splice(place, 0, refusal);
          const rows = await store.append(commits);
          expect(rows.map((row) => row.status)).toEqual(
            commits.map((commit) => (commit === refusal ? status : "held_back")),
          );
          expect(await readAll(store)).toEqual(before);

          // What was held back can be written afterwards.
          const [a, b] = commits.filter((commit) => commit !== refusal);
          expect((await store.append([a, b] as never)).map((row) => row.status)).toEqual(["written", "written"]);
        },
      );
    }

    test("of which one was stored before is written, and that one is a duplicate", async () => {
      const store = await createStore();
      const known = commitOf("a", 0, ["a1"]);
      const stored = await write(store, known);
      const rows = await store.append([commitOf("b", 0, ["b1"]), known]);
      expect(rows).toMatchObject([{ status: "written" }, { status: "duplicate" }]);
      expect(eventsOf(rows[1])).toEqual(stored);
      expect(await storedIds(store, "b")).toEqual(["b1"]);
    });

    test("may hold two commits of one entity, the second after the first", async () => {
      const store = await createStore();
      const rows = await store.append([commitOf("a", 0, ["a1", "a2"]), commitOf("a", 2, ["a3"])]);
      expect(rows).toMatchObject([
        { status: "written", version: 2 },
        { status: "written", version: 3 },
      ]);
      expect(await storedIds(store, "a")).toEqual(["a1", "a2", "a3"]);
    });

    test("is answered whole when it is sent again", async () => {
      const store = await createStore();
      const commits = [commitOf("a", 0, ["a1"]), commitOf("b", 0, ["b1", "b2"])];
      const first = await store.append(commits);
      expect(await store.append(commits)).toEqual(first.map((row) => ({ ...row, status: "duplicate" })));
    });
  });

  describe("an idempotency key", () => {
    const find = { entityName: "thing", entityId: "t", idempotencyKey: "k" };

    test("answers a second commit with the first, whatever its ids and expected version", async () => {
      const store = await createStore();
      const events = await write(store, commitOf("t", 0, ["a", "b"], { idempotencyKey: "k" }));
      await write(store, commitOf("t", 2, ["c"]));
      for (const expectedVersion of [0, 3, 9, "any"] as const) {
        const again = commitOf("t", expectedVersion, ["x", "y"], { idempotencyKey: "k" });
        expect(await appendOne(store, again)).toEqual({ status: "duplicate", version: 2, events });
      }
      expect(await storedIds(store, "t")).toEqual(["a", "b", "c"]);
    });

    test.for([
      ["another name", [{ eventName: "thing:else" }, {}]],
      ["fewer events", [{}]],
      ["more events", [{}, {}, {}]],
    ] as const)("that stands for other events is a mismatch: %s", async ([, events]) => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a", "b"], { idempotencyKey: "k" }));
      expect(await appendOne(store, commitOf("t", 2, events, { idempotencyKey: "k" }))).toEqual({
        status: "key_mismatch",
      });
      expect(await storedIds(store, "t")).toEqual(["a", "b"]);
    });

    test("belongs to its entity: another id or another name may use the same", async () => {
      const store = await createStore();
      for (const [entityName, entityId] of [
        ["thing", "t"],
        ["thing", "u"],
        ["gadget", "t"],
      ] as const) {
        const event = { eventId: `${entityName}-${entityId}` };
        await write(store, commitOf(entityId, 0, [event], { entityName, idempotencyKey: "k" }));
        const found = await store.findByIdempotencyKey({ entityName, entityId, idempotencyKey: "k" });
        expect(found?.map(({ eventId }) => eventId)).toEqual([event.eventId]);
      }
    });

    test("finds all events of its commit, and none of those around it", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      const events = await write(store, commitOf("t", 1, ["b", "c", "d"], { idempotencyKey: "k" }));
      await write(store, commitOf("t", 4, ["e"]));
      expect(await store.findByIdempotencyKey(find)).toEqual(events);
    });

    test("that is not known finds null, also where other keys are", async () => {
      const store = await createStore();
      expect(await store.findByIdempotencyKey(find)).toBeNull();
      await write(store, commitOf("t", 0, ["a"]));
      await write(store, commitOf("t", 1, ["b"], { idempotencyKey: "K" }));
      expect(await store.findByIdempotencyKey(find)).toBeNull();
    });

    test("of a commit that completes a stored prefix never stands for later events of others", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      await write(store, commitOf("t", 0, ["a", "b"], { idempotencyKey: "k" }));
      await write(store, commitOf("t", 2, ["c"]));
      expect((await store.findByIdempotencyKey(find))?.map(({ eventId }) => eventId)).not.toContain("c");
      const retry = await appendOne(store, commitOf("t", 0, ["a", "b"], { idempotencyKey: "k" }));
      expect(retry).toMatchObject({ status: "duplicate", version: 2, events: [{ eventId: "a" }, { eventId: "b" }] });
    });

    test("of a commit whose answer was lost and that has grown since: the rest is written, and a retry is a duplicate", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"], { idempotencyKey: "k" }));
      const grown = commitOf("t", 0, ["a", "b"], { idempotencyKey: "k" });
      const events = await write(store, grown);
      expect(events.map(({ eventId }) => eventId)).toEqual(["a", "b"]);
      expect(await appendOne(store, grown)).toEqual({ status: "duplicate", version: 2, events });
      expect(await storedIds(store, "t")).toEqual(["a", "b"]);
    });

    test("of racing commits lets one be written, and answers the others with it", async () => {
      const store = await createStore();
      const rows = await Promise.all(
        upTo(20).map((n) => appendOne(store, commitOf("t", "any", [`e${n}`], { idempotencyKey: "k" }))),
      );
      expect(rows.map(({ status }) => status).toSorted()).toEqual([...Array(19).fill("duplicate"), "written"]);
      expect(new Set(rows.map((row) => eventsOf(row)[0]?.eventId)).size).toBe(1);
    });

    test("of a refused commit is free again", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["a"]));
      expect(await appendOne(store, commitOf("t", 0, ["x"], { idempotencyKey: "k" }))).toMatchObject({
        status: "conflict",
      });
      await write(store, commitOf("t", 1, [{ eventId: "y", eventName: "thing:else" }], { idempotencyKey: "k" }));
      expect(await storedIds(store, "t")).toEqual(["a", "y"]);
    });
  });
}
