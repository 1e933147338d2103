import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Database from "better-sqlite3";
import {
  ConcurrencyError,
  createRepository,
  defineReducer,
  defineSchema,
  Entity,
  mutation,
  ValidationError,
  VentydError,
} from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { createSqliteStore } from "ventyd/sqlite";
import { z, zod } from "ventyd/zod";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { rejection } from "../support/promises.ts";
import { createInMemoryAdapter, User, userReducer, userSchema } from "./user-code.ts";

const body = { nickname: "alice", email: "alice@example.com" };
const state = { ...body, deletedAt: null };

/** The stores that come with the package. */
const stores = {
  memory: async () => createMemoryStore(),
  sqlite: async () => {
    const database = new Database(":memory:");
    const store = createSqliteStore(database);
    onTestFinished(async () => {
      await store.close();
      database.close();
    });
    await store.migrate();
    return store;
  },
};

describe("where this version differs from 1.20.4", () => {
  test("private names: none; public members say the same", () => {
    const user = User.create({ entityId: "u1", body });
    const names = (value: object) => {
      const found: string[] = [];
      for (let at: object | null = value; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
        found.push(...Object.getOwnPropertyNames(at));
      }
      return found;
    };
    for (const value of [user, User, userSchema]) {
      expect(names(value).filter((name) => name.includes("$$") || name.startsWith(" "))).toEqual([]);
    }
    expect(user.uncommittedEvents).toMatchObject([{ eventName: "user:created", version: 1 }]);
    expect(User.fromEvents({ entityId: "u1", events: user.uncommittedEvents }).state).toEqual(user.state);
    expect(userSchema).toMatchObject({ entityName: "user", initialEventName: "user:created" });
    expect(JSON.parse(JSON.stringify(user))).toEqual({ entityName: "user", entityId: "u1", version: 1, state });
  });

  test("private names: instead of a flush, a commit empties the queue and leaves state and version alone", async () => {
    const user = User.create({ body });
    const { state: before, version, uncommittedEvents } = user;
    expect(uncommittedEvents).toHaveLength(1);
    await createRepository(User, { adapter: createInMemoryAdapter() }).commit(user);
    expect(user.uncommittedEvents).toEqual([]);
    expect(user.state).toBe(before);
    expect(user.version).toBe(version);
    // What was taken out before is a copy, and stays.
    expect(uncommittedEvents).toHaveLength(1);
  });

  test("ids: create asks once for each id that is not given, a dispatch once", () => {
    const asked: string[] = [];
    class Numbered extends Entity(userSchema, userReducer, {
      generateId: (type) => {
        asked.push(type);
        return `${type}-${asked.length}`;
      },
    }) {
      setBio = mutation(this, (dispatch, bio: string, eventId?: string) =>
        dispatch("user:profile_updated", { bio }, { eventId }),
      );
    }
    const askedBy = (work: () => unknown) => {
      asked.length = 0;
      work();
      return [...asked];
    };
    expect(askedBy(() => Numbered.create({ body }))).toEqual(["entityId", "eventId"]);
    expect(askedBy(() => Numbered.create({ body, entityId: "u1" }))).toEqual(["eventId"]);
    expect(askedBy(() => Numbered.create({ body, eventId: "e1" }))).toEqual(["entityId"]);
    expect(askedBy(() => Numbered.create({ body, entityId: "u1", eventId: "e1" }))).toEqual([]);
    const user = Numbered.create({ body });
    expect(askedBy(() => user.setBio("x"))).toEqual(["eventId"]);
    expect(askedBy(() => user.setBio("x", "given"))).toEqual([]);
  });

  test("module format: ES modules only, which require() loads on the Node that the package asks for", () => {
    const manifest = JSON.parse(readFileSync("package.json", "utf8"));
    expect(manifest).toMatchObject({ type: "module", engines: { node: ">=22.12" } });
    const conditions = Object.values<object>(manifest.exports).flatMap((entry) =>
      typeof entry === "string" ? [] : Object.keys(entry),
    );
    expect(new Set(conditions)).toEqual(new Set(["ventyd-source", "types", "default"]));
    expect(createRequire(import.meta.url)("ventyd").Entity).toBeTypeOf("function");
  });

  test("validators: bodies and states may be of any kind of schema", () => {
    const schema = defineSchema("shape", {
      schema: zod({
        event: {
          drawn: z.discriminatedUnion("kind", [
            z.object({ kind: z.literal("circle"), radius: z.number() }),
            z.object({ kind: z.literal("dot") }),
          ]),
          moved: z.strictObject({ by: z.number() }).refine(({ by }) => by > 0, "must be positive"),
          tagged: z.looseObject({}),
        },
        state: z.union([z.object({ seen: z.literal(0) }), z.object({ seen: z.number(), last: z.unknown() })]),
      }),
      initialEventName: "shape:drawn",
    });
    class Shape extends Entity(schema, (before, event) => ({ seen: (before?.seen ?? 0) + 1, last: event.body })) {
      move = mutation(this, (dispatch, by: number) => dispatch("shape:moved", { by }));
      tag = mutation(this, (dispatch, tags: object) => dispatch("shape:tagged", { ...tags }));
    }
    const shape = Shape.create({ body: { kind: "circle", radius: 1 } });
    shape.move(1);
    shape.tag({ any: "key" });
    expect(shape.state).toEqual({ seen: 3, last: { any: "key" } });
    expect(() => shape.move(-1)).toThrow("must be positive");
    expect(() => Shape.create({ body: { kind: "square" } as never })).toThrow("Validation failed");
  });

  test("validation: once by body on load, and its output is what the reducer sees", async () => {
    const parsed = vi.fn((name: string) => name.trim());
    const schema = defineSchema("visit", {
      schema: zod({
        event: { begun: z.object({ at: z.coerce.date(), by: z.string().transform(parsed) }) },
        state: z.object({ at: z.date(), by: z.string() }),
      }),
      initialEventName: "visit:begun",
    });
    const Visit = Entity(schema, (_, event) => event.body as { at: Date; by: string }, { checks: "off" });
    const visits = createRepository(Visit, { adapter: createInMemoryAdapter() });
    const visit = Visit.create({ entityId: "v1", body: { at: "2024-01-01T00:00:00Z", by: " alice " } });
    await visits.commit(visit);
    expect(visit.state).toEqual({ at: new Date("2024-01-01T00:00:00Z"), by: "alice" });
    parsed.mockClear();
    expect((await visits.findOne({ entityId: "v1" }))?.state).toEqual(visit.state);
    expect(parsed).toHaveBeenCalledOnce();
  });

  test("failed commit: the queue is kept, and the commit can be retried", async () => {
    const adapter = createInMemoryAdapter();
    const users = createRepository(User, { adapter });
    const failing = vi.spyOn(adapter, "commitEvents").mockRejectedValueOnce(new Error("disk full"));
    const user = User.create({ entityId: "u1", body });
    expect((await rejection(users.commit(user))).message).toBe("disk full");
    expect(user.uncommittedEvents).toHaveLength(1);
    await users.commit(user);
    expect(failing).toHaveBeenCalledTimes(2);
    expect((await users.findOne({ entityId: "u1" }))?.nickname).toBe("alice");
  });

  for (const [name, open] of Object.entries(stores)) {
    test(`concurrency: enforced by the store (${name})`, async () => {
      const users = createRepository(User, { adapter: await open() });
      await users.commit(User.create({ entityId: "u1", body }));
      const [first, second] = await Promise.all(["1", "2"].map(() => users.findOne({ entityId: "u1" })));
      first?.updateProfile({ bio: "first" });
      second?.updateProfile({ bio: "second" });
      await users.commit(first as User);
      const error = await rejection(users.commit(second as User));
      expect(error).toBeInstanceOf(ConcurrencyError);
      expect(error).toMatchObject({ expectedVersion: 1, actualVersion: 2 });
      expect((await users.findOne({ entityId: "u1" }))?.state.bio).toBe("first");
    });
  }

  test("errors: classes with a code, and still of the class Error", () => {
    for (const [call, code] of [
      [() => userSchema.parseEvent({}), "event_name_missing"],
      [() => User.create({ body: {} as never }), "invalid_event"],
      [() => User.fromEvents({ entityId: "u1", events: [] }).state, "entity_not_initialized"],
    ] as const) {
      const error = (() => {
        try {
          return call();
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(error).toBeInstanceOf(Error);
      expect(error).toBeInstanceOf(VentydError);
      expect(error).toMatchObject({ code });
    }
  });

  test("initialEventName: one or several, the first is the default", () => {
    const schema = defineSchema("file", {
      schema: zod({
        event: { added: z.object({ path: z.string() }), moved_in: z.object({ from: z.string() }) },
        state: z.object({ path: z.string() }),
      }),
      initialEventName: ["file:added", "file:moved_in"],
    });
    const File = Entity(
      schema,
      defineReducer(schema, {
        "file:added": (_, { body }) => ({ path: body.path }),
        "file:moved_in": (_, { body }) => ({ path: body.from }),
      }),
    );
    expect(File.create({ body: { path: "a" } }).state).toEqual({ path: "a" });
    expect(File.create({ eventName: "file:moved_in", body: { from: "b" } }).state).toEqual({ path: "b" });
  });

  test("eventCreatedAt: an ISO 8601 instant", () => {
    const given = "2024-01-01T09:00:00+09:00";
    expect(User.create({ body, eventCreatedAt: given }).uncommittedEvents[0]?.eventCreatedAt).toBe(given);
    for (const eventCreatedAt of ["yesterday", "2024-01-01", "2024-02-30T00:00:00Z"]) {
      expect(() => User.create({ body, eventCreatedAt })).toThrow(ValidationError);
    }
  });

  test("commit: resolves to version, events and, over a store, the position", async () => {
    const plain = await createRepository(User, { adapter: createInMemoryAdapter() }).commit(User.create({ body }));
    expect(plain).toMatchObject({ version: 1, events: [{ eventName: "user:created", body }] });
    const stored = await createRepository(User, { adapter: createMemoryStore() }).commit(User.create({ body }));
    expect(stored).toMatchObject({ version: 1, position: 1, events: [{ position: 1 }] });
  });

  test("readonly entities: a mutation throws before its body runs", () => {
    const ran = vi.fn();
    class Watched extends Entity(userSchema, userReducer) {
      touch = mutation(this, () => ran());
    }
    const user = Watched.load({ entityId: "u1", state });
    expect(() => (user as unknown as Watched).touch()).toThrow("Entity is readonly");
    expect(ran).not.toHaveBeenCalled();
  });

  test("prevState: null on the first event, by the map of handlers also in its type", () => {
    const before: unknown[] = [];
    const reducer = defineReducer(userSchema, {
      "user:created": (prevState: null, { body }) => {
        before.push(prevState);
        return { ...body, deletedAt: null };
      },
      "user:profile_updated": (prevState) => prevState,
      "user:deleted": (prevState) => prevState,
    });
    Entity(userSchema, reducer, { checks: "off" }).create({ body });
    expect(before).toEqual([null]);
  });

  test("impure reducers keep working; in development they are told of, and refused only when asked to", () => {
    const impure = defineReducer(userSchema, (prevState, event) => {
      if (event.eventName === "user:created") return { ...event.body, deletedAt: null };
      prevState.bio = "written";
      return prevState;
    });
    const make = (checks: "warn" | "throw") =>
      class extends Entity(userSchema, impure, { checks }) {
        touch = mutation(this, (dispatch) => dispatch("user:profile_updated", {}));
      };
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const user = make("warn").create({ body });
    user.touch();
    expect(user.state.bio).toBe("written");
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ code: "reducer_mutates" });
    expect(() => make("throw").create({ body }).touch()).toThrow(ValidationError);
  });
});
