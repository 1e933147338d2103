import {
  createRepository,
  defineEntity,
  defineReducer,
  defineSchema,
  Entity,
  type EventStore,
  type Migrate,
  mutation,
} from "ventyd";
import { z, zod } from "ventyd/zod";
import { describe, expect, test } from "vitest";
import { upTo } from "../../src/testing/contract/events.ts";
import { openStore } from "../support/temp-database.ts";
import { Note, openNotes, wrapped } from "./note.ts";

describe("a snapshot of other code is never read:", () => {
  interface Build {
    by?: number;
    state?: z.ZodType<{ count: number }>;
    revision?: number;
    more?: boolean;
  }

  /** A counter as one build of it has it. */
  function counterOf({ by = 1, state = z.object({ count: z.number() }), revision = 0, more = false }: Build) {
    const added = z.object({});
    const event = { made: z.object({}), added, ...(more && { removed: z.object({}) }) };
    const schema = defineSchema("counter", {
      schema: zod({ event: event as { made: typeof added; added: typeof added }, state }),
      initialEventName: "counter:made",
    });
    // Its text is the same in every build: what it does differs by what it closes over.
    class Counter extends Entity(schema, (state) => ({ count: state === null ? 0 : state.count + by }), { revision }) {
      add = mutation(this, (dispatch) => dispatch("counter:added", {}));
    }
    return Counter;
  }

  const count = z.object({ count: z.number() });
  const builds: Record<string, [Build, Build, number]> = {
    "another revision": [{ by: 1 }, { by: 10, revision: 1 }, 20],
    "another schema of the state": [{ by: 1 }, { by: 10, state: count.extend({ count: z.number().min(0) }) }, 20],
    // What a transform makes has no JSON Schema, but what it takes has.
    "another schema of the state, in front of a transform": [
      { by: 1, state: count.transform((state) => state) },
      { by: 10, state: count.extend({ count: z.number().min(0) }).transform((state) => state) },
      20,
    ],
    "another event": [{ by: 1 }, { by: 10, more: true }, 20],
  };
  for (const [what, [before, after, expected]] of Object.entries(builds)) {
    test(`C8: ${what}`, async () => {
      const { store } = await openStore();
      const over = (build: Build) => createRepository(counterOf(build), { adapter: store, snapshot: { frequency: 1 } });
      const [old, today] = [over(before), over(after)];
      await old.create({ entityId: "c", body: {} });
      for (const _ of upTo(2)) await old.mutate({ entityId: "c" }, (counter) => counter.add());
      expect((await old.findOneOrThrow({ entityId: "c" })).state).toEqual({ count: 2 });
      expect((await today.findOneOrThrow({ entityId: "c" })).state).toEqual({ count: expected });
    });
  }

  test("C8: another reducer", async () => {
    const { store } = await openStore();
    const schema = counterOf({}).schema;
    const build = (reducer: Parameters<typeof Entity<typeof schema>>[1]) =>
      createRepository(Entity(schema, reducer), { adapter: store, snapshot: { frequency: 1 } });
    const one = build((state) => ({ count: (state?.count ?? 0) + 1 }));
    const ten = build((state) => ({ count: (state?.count ?? 0) + 10 }));
    await one.create({ entityId: "c", body: {} });
    expect((await one.findOneOrThrow({ entityId: "c" })).state).toEqual({ count: 1 });
    expect((await ten.findOneOrThrow({ entityId: "c" })).state).toEqual({ count: 10 });
  });

  test("C8: another handler of one event, where the reducer is made of handlers", async () => {
    const { store } = await openStore();
    const { schema } = counterOf({});
    const made = () => ({ count: 0 });
    const over = (added: (state: { count: number }) => { count: number }) => {
      const reducer = defineReducer(schema, { "counter:made": made, "counter:added": added });
      class Counter extends Entity(schema, reducer) {
        add = mutation(this, (dispatch) => dispatch("counter:added", {}));
      }
      return createRepository(Counter, { adapter: store, snapshot: { frequency: 1 } });
    };
    const one = over((state) => ({ count: state.count + 1 }));
    const ten = over((state) => ({ count: state.count + 10 }));
    await one.create({ entityId: "c", body: {} });
    await one.mutate({ entityId: "c" }, (counter) => counter.add());
    expect((await ten.findOneOrThrow({ entityId: "c" })).state).toEqual({ count: 10 });
  });

  test("another default for what the bodies of old events do not have", async () => {
    const { store } = await openStore();
    const over = <TAdded extends z.ZodType<{ by?: number }>>(added: TAdded) => {
      const Counter = defineEntity("counter", {
        state: count,
        events: { made: z.object({}), added },
        initial: "made",
        reduce: { made: () => ({ count: 0 }), added: (state, { body }) => ({ count: state.count + (body.by ?? 0) }) },
        mutations: { add: ({ dispatch }) => dispatch("added", {} as z.input<TAdded>) },
      });
      return createRepository(Counter, { adapter: store, snapshot: { frequency: 1 } });
    };
    const bare = over(z.object({}));
    await bare.create({ entityId: "c", body: {} });
    await bare.mutate({ entityId: "c" }, (counter) => counter.add());
    const [one, ten] = [1, 10].map((by) => over(z.object({ by: z.number().default(by) }))) as [
      typeof bare,
      typeof bare,
    ];
    await one.mutate({ entityId: "c" }, (counter) => counter.add());
    expect((await one.findOneOrThrow({ entityId: "c" })).state).toEqual({ count: 2 });
    expect((await ten.findOneOrThrow({ entityId: "c" })).state).toEqual({ count: 11 });
  });

  for (const [by, other] of [
    ["always", "write"],
    ["write", "always"],
  ] as const) {
    test(`that of loads with loadValidation "${by}", by loads with "${other}"`, async () => {
      const { store } = await openStore();
      const found: (number | undefined)[] = [];
      const watched = wrapped<EventStore>(store, {
        getSnapshot: async (args) => {
          const snapshot = await store.getSnapshot(args);
          found.push(snapshot?.version);
          return snapshot;
        },
      });
      const over = (loadValidation: "always" | "write") =>
        createRepository(counterOf({}), { adapter: watched, snapshot: { frequency: 1 }, loadValidation });
      await over(by).create({ entityId: "c", body: {} });
      for (const loadValidation of [by, other] as const) {
        expect((await over(loadValidation).findOneOrThrow({ entityId: "c" })).state).toEqual({ count: 0 });
      }
      expect(found).toEqual([1, undefined]);
    });
  }

  test("but the same code, in another process, goes on with it", async () => {
    const { store, database } = await openStore();
    for (const counter of [counterOf({}), counterOf({})]) {
      const counters = createRepository(counter, { adapter: store, snapshot: { frequency: 1 } });
      if ((await counters.findOne({ entityId: "c" })) === null) await counters.create({ entityId: "c", body: {} });
      else await counters.mutate({ entityId: "c" }, (found) => found.add());
    }
    const rows = database.prepare("SELECT fingerprint, count(*) FROM ventyd_snapshots GROUP BY fingerprint").all();
    expect(rows).toEqual([{ fingerprint: expect.stringMatching(/./), "count(*)": 2 }]);
  });

  test("B15: two builds at once keep their own, and neither throws the other's away", async () => {
    const { store, database } = await openStore();
    const over = (build: Build) => createRepository(counterOf(build), { adapter: store, snapshot: { frequency: 1 } });
    const [old, today] = [over({}), over({ by: 10, revision: 1 })];
    await old.create({ entityId: "c", body: {} });
    for (const _ of upTo(3)) {
      await old.mutate({ entityId: "c" }, (counter) => counter.add());
      await today.mutate({ entityId: "c" }, (counter) => counter.add());
    }
    const rows = database.prepare(
      "SELECT count(*) AS n, max(version) AS newest FROM ventyd_snapshots GROUP BY fingerprint",
    );
    expect(rows.all().toSorted((a, b) => (a as { newest: number }).newest - (b as { newest: number }).newest)).toEqual([
      { n: 2, newest: 6 },
      { n: 2, newest: 7 },
    ]);
    expect((await old.findOneOrThrow({ entityId: "c" })).state).toEqual({ count: 6 });
    expect((await today.findOneOrThrow({ entityId: "c" })).state).toEqual({ count: 60 });
  });

  test("another way to read old events", async () => {
    const { notes, store } = await openNotes();
    await notes.create({ entityId: "n", body: { text: "one" } });
    const over = (migrate: Migrate) => createRepository(Note, { adapter: store, snapshot: { frequency: 1 }, migrate });
    const before = over((event) => (event.version === 1 ? { ...event, body: { text: "read one way" } } : event));
    await before.mutate({ entityId: "n" }, (note) => note.tag("red"));
    const after = over((event) => (event.version === 1 ? { ...event, body: { text: "read another way" } } : event));
    expect((await after.findOneOrThrow({ entityId: "n" })).state.text).toBe("read another way");
    expect((await before.findOneOrThrow({ entityId: "n" })).state.text).toBe("read one way");
  });
});
