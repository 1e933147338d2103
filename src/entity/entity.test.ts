import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { EntityErasedError, ReadonlyEntityError, ValidationError, VentydError } from "../errors/index.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { z, zod } from "../validators/zod.ts";
import { defineReducer } from "./define-reducer.ts";
import { Entity } from "./entity.ts";
import { definitionOf } from "./internals.ts";
import { mutation } from "./mutation.ts";

const schema = defineSchema("post", {
  schema: zod({
    event: {
      created: z.object({ title: z.string() }),
      imported: z.object({ title: z.string(), from: z.string() }),
      renamed: z.object({ title: z.string() }),
    },
    state: z.object({ title: z.string(), names: z.number() }),
  }),
  initialEventName: ["post:created", "post:imported"],
});

const reducer = defineReducer(schema, {
  "post:created": (_, { body }) => ({ title: body.title, names: 1 }),
  "post:imported": (_, { body }) => ({ title: `${body.title} (${body.from})`, names: 1 }),
  "post:renamed": (state, { body }) => ({ title: body.title, names: state.names + 1 }),
});

class Post extends Entity(schema, reducer) {
  rename = mutation(this, (dispatch, title: string) => dispatch("post:renamed", { title }));

  get shout() {
    return this.state.title.toUpperCase();
  }
}

const body = { title: "Hello" };

/** A stored event. */
function event(version: number | undefined, eventName: string, body: unknown, more: object = {}) {
  return {
    eventId: `e${version}`,
    eventCreatedAt: "2026-01-01T00:00:00Z",
    eventName,
    entityId: "p1",
    entityName: "post",
    body,
    ...(version !== undefined && { version }),
    ...more,
  };
}

const created = event(1, "post:created", body);
const renamed = (version: number | undefined, title: string) => event(version, "post:renamed", { title });
const rolledBack = (version: number, toVersion: number) => event(version, "post:$rolled_back", { toVersion });

describe("create", () => {
  test("gives an entity at version 1 with its one event uncommitted", () => {
    const post = Post.create({ body, entityId: "p1", eventId: "e1", eventCreatedAt: "2026-01-01T09:00:00+09:00" });
    expect(post).toMatchObject({ entityName: "post", entityId: "p1", version: 1, state: { title: "Hello", names: 1 } });
    expect(post.uncommittedEvents).toStrictEqual([
      event(1, "post:created", body, { eventCreatedAt: "2026-01-01T09:00:00+09:00" }),
    ]);
  });

  test("makes ids that are not given, different each time", () => {
    const [a, b] = [Post.create({ body }), Post.create({ body })];
    const ids = [a, b].flatMap((post) => [post.entityId, post.uncommittedEvents[0]?.eventId]);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each<[string, { entityId?: string; eventId?: string }, string[]]>([
    ["none", {}, ["entityId", "eventId"]],
    ["the entity's", { entityId: "p1" }, ["eventId"]],
    ["the event's", { eventId: "e1" }, ["entityId"]],
    ["both", { entityId: "p1", eventId: "e1" }, []],
  ])("B5: asks once for each id that is not given, %s given", (_, ids, asked) => {
    const generateId = vi.fn((type: "eventId" | "entityId") => `new-${type}`);
    const Generated = Entity(schema, reducer, { generateId });
    const post = Generated.create({ body, ...ids });
    expect(generateId.mock.calls.map(([type]) => type)).toEqual(asked);
    expect(post.entityId).toBe(asked.includes("entityId") ? "new-entityId" : "p1");
    expect(post.uncommittedEvents[0]?.eventId).toBe(asked.includes("eventId") ? "new-eventId" : "e1");
  });

  test("B5: validates the body once", () => {
    const validated = vi.fn((title: string) => title !== "");
    const counting = defineSchema("post", {
      schema: zod({ event: { created: z.object({ title: z.string().refine(validated) }) }, state: z.object({}) }),
      initialEventName: "post:created",
    });
    Entity(counting, () => ({})).create({ body });
    expect(validated).toHaveBeenCalledTimes(1);
  });

  test("starts with the initial event that is named, the first by default", () => {
    const post = Post.create({ eventName: "post:imported", body: { title: "Hello", from: "blog" } });
    expect(post.state.title).toBe("Hello (blog)");
    expect(Post.create({ eventName: "post:created", body }).state.title).toBe("Hello");
  });

  test("refuses an event that starts no stream, and names those that do", () => {
    const attempt = () => Post.create({ eventName: "post:renamed" as "post:created", body });
    expect(attempt).toThrow(ValidationError);
    expect(attempt).toThrow(expect.objectContaining({ code: "invalid_option" }));
    expect(attempt).toThrow(/post:renamed.*post:created, post:imported/s);
  });

  test("refuses a body that the schema refuses", () => {
    const attempt = () => Post.create({ body: { title: 5 } as never });
    expect(attempt).toThrow(/^Validation failed: "post:created"\n {2}- body\.title: /);
    expect(attempt).toThrow(ValidationError);
  });

  test.each([[""], ["a\u0000"], ["\ud800"], ["a".repeat(256)], [null], [5]])(
    "refuses %j as an id of the entity or of the event",
    (id) => {
      for (const ids of [{ entityId: id as string }, { eventId: id as string }]) {
        expect(() => Post.create({ body, ...ids })).toThrow(expect.objectContaining({ code: "invalid_text" }));
      }
    },
  );

  test("is not bound by what an initial event may do later: dispatching it again stays allowed", () => {
    class Restartable extends Entity(schema, reducer) {
      restart = mutation(this, (dispatch) => dispatch("post:created", { title: "Again" }));
    }
    const post = Restartable.create({ body });
    post.restart();
    expect(post).toMatchObject({ version: 2, state: { title: "Again", names: 1 } });
  });
});

describe("load", () => {
  const state = { title: "Kept", names: 4 };

  test("gives a readonly entity with that very state, at version 0 unless told otherwise", () => {
    const post = Post.load({ entityId: "p1", state });
    expect(post.state).toBe(state);
    expect(post).toMatchObject({ entityId: "p1", version: 0, uncommittedEvents: [] });
    expect(Post.load({ entityId: "p1", state, version: 4 }).version).toBe(4);
  });

  test("L4: refuses mutations, even of somebody who talked the compiler out of it", () => {
    const post = Post.load({ entityId: "p1", state }) as unknown as Post;
    expect(() => post.rename("x")).toThrow(ReadonlyEntityError);
    expect(() => post.rename("x")).toThrow(/^Entity is readonly/);
    expect(post.state).toBe(state);
  });

  test("goes on from its version when it may be changed", () => {
    const post = Post.load({ entityId: "p1", state, version: 7, UNSAFE_mutable: true });
    post.rename("Next");
    expect(post).toMatchObject({ version: 8, state: { title: "Next", names: 5 } });
    expect(post.uncommittedEvents.map(({ version }) => version)).toEqual([8]);
  });

  test("does not look at the state: what was stored by an older build can be loaded", () => {
    expect(Post.load({ entityId: "p1", state: { old: true } as never }).state).toEqual({ old: true });
  });
});

describe("fromEvents", () => {
  test("folds events in the order given, into an entity that can be changed", () => {
    const post = Post.fromEvents({ entityId: "p1", events: [created, renamed(2, "B"), renamed(3, "C")] });
    expect(post).toMatchObject({ version: 3, state: { title: "C", names: 3 }, uncommittedEvents: [] });
    post.rename("D");
    expect(post).toMatchObject({ version: 4, state: { title: "D", names: 4 } });
    expect(post.uncommittedEvents).toHaveLength(1);
  });

  test("starts from a snapshot", () => {
    const snapshot = { state: { title: "S", names: 10 }, version: 5 };
    const post = Post.fromEvents({ entityId: "p1", events: [renamed(6, "T")], snapshot });
    expect(post).toMatchObject({ version: 6, state: { title: "T", names: 11 } });
    expect(Post.fromEvents({ entityId: "p1", events: [], snapshot })).toMatchObject({
      version: 5,
      state: snapshot.state,
    });
  });

  test("E1: gives an entity that is not initialized where there are no events", () => {
    const post = Post.fromEvents({ entityId: "p1", events: [] });
    expect(post.version).toBe(0);
    expect(() => post.state).toThrow(VentydError);
    expect(() => post.state).toThrow(/^Entity is not initialized/);
    expect(() => post.state).toThrow(expect.objectContaining({ code: "entity_not_initialized" }));
  });

  test("follows rollbacks, which no reducer sees", () => {
    const names: string[] = [];
    const Watched = Entity(schema, (state, event) => {
      names.push(event.eventName);
      return reducer(state, event);
    });
    const events = [created, renamed(2, "B"), renamed(3, "C"), rolledBack(4, 2), renamed(5, "D")];
    const post = Watched.fromEvents({ entityId: "p1", events });
    expect(post).toMatchObject({ version: 5, state: { title: "D", names: 3 } });
    expect(names).toEqual(["post:created", "post:renamed", "post:renamed"]);
  });

  test("follows a rollback to the snapshot or above it, and refuses one that leads below", () => {
    const snapshot = { state: { title: "S", names: 10 }, version: 5 };
    const fold = (...events: object[]) => Post.fromEvents({ entityId: "p1", events: events as never, snapshot });
    expect(fold(renamed(6, "T"), rolledBack(7, 5)).state).toEqual(snapshot.state);
    expect(fold(renamed(6, "T"), renamed(7, "U"), rolledBack(8, 6)).state).toEqual({ title: "T", names: 11 });
    expect(() => fold(renamed(6, "T"), rolledBack(7, 4))).toThrow(ValidationError);
    expect(() => fold(renamed(6, "T"), rolledBack(7, 4))).toThrow(/leads below the snapshot/);
  });

  test("refuses an event that the schema refuses or does not declare", () => {
    const fold = (event: object) => () => Post.fromEvents({ entityId: "p1", events: [created, event as never] });
    expect(fold(event(2, "post:renamed", { title: 5 }))).toThrow(
      /^Validation failed: "post:renamed"\n {2}- body\.title: /,
    );
    expect(fold(event(2, "post:deleted", {}))).toThrow(
      /^Validation failed: event "post:deleted" is not declared\. Available events: post:created, post:imported, post:renamed\nIt is stored as version /,
    );
    expect(fold({ ...renamed(2, "B"), version: null })).toThrow(/version/);
    expect(fold({ ...renamed(2, "B"), eventName: undefined })).toThrow("Validation failed: eventName is missing");
  });

  test("F7: says which event of which entity could not be read", () => {
    expect(() => Post.fromEvents({ entityId: "p1", events: [created, event(2, "post:renamed", {})] })).toThrow(
      expect.objectContaining({
        entityId: "p1",
        entityName: "post",
        eventId: "e2",
        eventName: "post:renamed",
        version: 2,
      }),
    );
  });

  test("keeps the id of the argument, whatever the events say", () => {
    expect(Post.fromEvents({ entityId: "other", events: [created] }).entityId).toBe("other");
  });

  test("takes events without a version, which leave the version where it is", () => {
    const legacy = [event(undefined, "post:created", body), renamed(undefined, "B")];
    expect(Post.fromEvents({ entityId: "p1", events: legacy })).toMatchObject({ version: 0, state: { title: "B" } });
    const snapshot = { state: { title: "S", names: 10 }, version: 5 };
    expect(Post.fromEvents({ entityId: "p1", events: [renamed(undefined, "B")], snapshot }).version).toBe(5);
  });

  test("takes streams of older libraries: doubled versions, no initial event, any text for a time", () => {
    const doubled = [created, renamed(2, "B"), renamed(2, "C")];
    expect(Post.fromEvents({ entityId: "p1", events: doubled })).toMatchObject({
      version: 2,
      state: { title: "C", names: 3 },
    });
    const Tolerant = Entity(schema, (_, event) => ({ title: event.eventName, names: 1 }));
    expect(Tolerant.fromEvents({ entityId: "p1", events: [renamed(1, "B")] }).state.title).toBe("post:renamed");
    const undated = { ...created, eventCreatedAt: "yesterday" };
    expect(Post.fromEvents({ entityId: "p1", events: [undated] }).version).toBe(1);
  });

  test("refuses the events of an entity that was erased", () => {
    const erased = event(2, "post:$erased", {});
    expect(() => Post.fromEvents({ entityId: "p1", events: [created, erased] })).toThrow(EntityErasedError);
  });

  test("leaves the events and the snapshot alone", () => {
    const Impure = Entity(schema, (state, event) => {
      if (event.eventName === "post:renamed") {
        state.names++;
        event.body.title += "!";
        state.title = event.body.title;
        return state;
      }
      return reducer(state, event);
    });
    const events = [created, renamed(2, "B")];
    const before = structuredClone(events);
    expect(Impure.fromEvents({ entityId: "p1", events }).state).toEqual({ title: "B!", names: 2 });
    expect(events).toStrictEqual(before);
    expect(Impure.fromEvents({ entityId: "p1", events }).state).toEqual({ title: "B!", names: 2 });
  });

  test("leaves the events alone where the schema writes into what it is given", () => {
    const inPlace = defineSchema("post", {
      schema: zod({
        event: { created: z.preprocess((data) => Object.assign(data as object, { seen: true }), z.looseObject({})) },
        state: z.object({}),
      }),
      initialEventName: "post:created",
    });
    const events = [structuredClone(created)];
    Entity(inPlace, () => ({})).fromEvents({ entityId: "p1", events });
    expect(events).toStrictEqual([created]);
  });

  test("D1: does not write into the snapshot either, so that it serves twice", () => {
    const Impure = Entity(schema, (state) => {
      state.names++;
      return state;
    });
    const snapshot = { state: { title: "S", names: 10 }, version: 5 };
    const fold = () => Impure.fromEvents({ entityId: "p1", events: [renamed(6, "T")], snapshot }).state.names;
    expect([fold(), fold()]).toEqual([11, 11]);
  });
});

describe("uncommittedEvents", () => {
  test("are copies: writing into them changes nothing", () => {
    const post = Post.create({ body });
    const [first] = post.uncommittedEvents;
    const before = structuredClone(first);
    (first as unknown as { body: { title: string } }).body.title = "tampered";
    (first as { version: number }).version = 99;
    expect(() => (post.uncommittedEvents as unknown[]).push("x")).toThrow(TypeError);
    expect(post.uncommittedEvents).toStrictEqual([before]);
    post.rename("B");
    expect(post.uncommittedEvents.map(({ version }) => version)).toEqual([1, 2]);
  });

  test("make the same entity again, through JSON or not", () => {
    const post = Post.create({ body, entityId: "p1" });
    post.rename("B");
    for (const events of [post.uncommittedEvents, JSON.parse(JSON.stringify(post.uncommittedEvents))]) {
      const again = Post.fromEvents({ entityId: "p1", events });
      expect(again.state).toStrictEqual(post.state);
      expect(again.version).toBe(post.version);
    }
  });

  test("have the seven keys, in the order of 1.20.4's events before validation", () => {
    const [first] = Post.create({ body, actor: "alice", metadata: { ip: "::1" } }).uncommittedEvents;
    expect(Object.keys(first as object).toSorted()).toEqual([
      "body",
      "entityId",
      "entityName",
      "eventCreatedAt",
      "eventId",
      "eventName",
      "version",
    ]);
  });
});

describe("an entity", () => {
  test("D7: shows as JSON what it is, and nothing of how it works", () => {
    const post = Post.create({ body, entityId: "p1" });
    expect(JSON.parse(JSON.stringify(post))).toEqual({
      entityName: "post",
      entityId: "p1",
      version: 1,
      state: post.state,
    });
    expect(Object.keys(JSON.parse(JSON.stringify(post)))).toEqual(["entityName", "entityId", "version", "state"]);
    expect(JSON.parse(JSON.stringify(Post.load({ entityId: "p1", state: post.state })))).toMatchObject({
      version: 0,
      state: post.state,
    });
  });

  test("D7: shows as JSON also before its first event", () => {
    const post = Post.fromEvents({ entityId: "p1", events: [] });
    expect(JSON.parse(JSON.stringify(post))).toEqual({ entityName: "post", entityId: "p1", version: 0, state: null });
  });

  test("D7: shows the same in the console", () => {
    const post = Post.create({ body, entityId: "p1" });
    expect(inspect(post)).toBe(inspect({ entityName: "post", entityId: "p1", version: 1, state: post.state }));
  });

  test("has no enumerable key but the fields of its class, and none that starts with a blank", () => {
    const post = Post.create({ body });
    expect(Object.keys(post)).toEqual(["rename"]);
    const isEnumerable = (key: symbol) => Object.prototype.propertyIsEnumerable.call(post, key);
    expect(Object.getOwnPropertySymbols(post).filter(isEnumerable)).toEqual([]);
    const Bare = Entity(schema, reducer);
    expect(Object.getOwnPropertyNames(Bare.create({ body }))).toEqual([]);
    const names = [...Reflect.ownKeys(Bare), ...Reflect.ownKeys(Bare.prototype)].filter(
      (key) => typeof key === "string",
    );
    expect(names.filter((name) => /^[^a-z]/.test(name))).toEqual([]);
  });

  test("can be looked at through a copy or a proxy, as test runners make them", () => {
    const post = Post.create({ entityId: "p", body });
    expect(post).toMatchObject({ entityId: "p", version: 1 });
    expect(() => expect(post).toMatchObject({ version: 5 })).toThrow(/version/);
    expect(new Proxy(post, {}).version).toBe(1);
  });

  test("L5: does not let itself be written: not its id, its version, its state nor its events", () => {
    const post = Post.create({ body }) as unknown as Record<string, unknown>;
    for (const key of ["entityId", "entityName", "version", "state", "uncommittedEvents"]) {
      expect(() => {
        post[key] = "tampered";
      }).toThrow(TypeError);
    }
  });

  test("gives the state that the reducer returned, a new reference after each event", () => {
    const states: unknown[] = [];
    const watched: typeof reducer = (state, event) => {
      const next = reducer(state, event);
      states.push(next);
      return next;
    };
    class Watched extends Entity(schema, watched, { checks: "off" }) {
      rename = mutation(this, (dispatch, title: string) => dispatch("post:renamed", { title }));
    }
    const post = Watched.create({ body });
    expect(post.state).toBe(states[0]);
    post.rename("B");
    expect(post.state).toBe(states[1]);
    expect(post.state).toBe(post.state);
  });

  test("E1: is initialized where its state is undefined, and not where it is null", () => {
    const returning = (state: unknown) => Entity(schema, () => state as never, { checks: "off" }).create({ body });
    expect(returning(undefined).state).toBeUndefined();
    expect(() => returning(null).state).toThrow("Entity is not initialized");
  });

  test("is not frozen, nor is its state: impure reducers of older code go on working", () => {
    const post = Post.create({ body });
    expect(Object.isFrozen(post.state)).toBe(false);
  });
});

describe("a class of entities", () => {
  test("has the schema that it was given, and the name BaseEntity below its own", () => {
    const Base = Entity(schema, reducer);
    expect(Base.schema).toBe(schema);
    expect((Base as unknown as { name: string }).name).toBe("BaseEntity");
    expect(Post.schema).toBe(schema);
    expect(Post.name).toBe("Post");
  });

  test("can be used as it is, or extended: static methods make instances of the class that they are called on", () => {
    class Draft extends Post {
      publish = mutation(this, (dispatch) => dispatch("post:renamed", { title: "Published" }));
    }
    const state = { title: "S", names: 1 };
    for (const draft of [
      Draft.create({ body }),
      Draft.load({ entityId: "p1", state }),
      Draft.load({ entityId: "p1", state, version: 1, UNSAFE_mutable: true }),
      Draft.fromEvents({ entityId: "p1", events: [created] }),
    ]) {
      expect(draft).toBeInstanceOf(Draft);
      expect(draft).toBeInstanceOf(Post);
    }
    const draft = Draft.create({ body });
    draft.rename("B");
    draft.publish();
    expect(draft.state).toEqual({ title: "Published", names: 3 });
    expect(Entity(schema, reducer).create({ body }).state.title).toBe("Hello");
  });

  test("initialises the fields of a subclass after the first event, so that they may read the state", () => {
    class Fields extends Entity(schema, reducer) {
      readonly titleAtStart = this.state.title;
      readonly versionAtStart = this.version;
    }
    expect(Fields.create({ body })).toMatchObject({ titleAtStart: "Hello", versionAtStart: 1 });
    expect(Fields.fromEvents({ entityId: "p1", events: [created, renamed(2, "B")] })).toMatchObject({
      titleAtStart: "B",
      versionAtStart: 2,
    });
  });

  test("has getters that follow the state", () => {
    const post = Post.create({ body });
    expect(post.shout).toBe("HELLO");
    post.rename("Bye");
    expect(post.shout).toBe("BYE");
    expect(Post.load({ entityId: "p1", state: { title: "x", names: 1 } }).shout).toBe("X");
  });

  test("inherits static members, and lets them be overridden", () => {
    class Numbered extends Post {
      static readonly start = "No 1";
      static first() {
        return this.create({ body: { title: this.start } });
      }
    }
    class Renumbered extends Numbered {
      static override readonly start: "No 1" = "No 2" as "No 1";
    }
    expect(Numbered.first()).toBeInstanceOf(Numbered);
    expect(Renumbered.first()).toBeInstanceOf(Renumbered);
    expect(Renumbered.first().state.title).toBe("No 2");
  });

  test("can be made with new, by older code", () => {
    expect(new Post({ type: "create", body, entityId: "p1" }).state.title).toBe("Hello");
    expect(new Post({ type: "loadFromEvents", entityId: "p1", events: [created] }).version).toBe(1);
    expect(new Post({ type: "load", entityId: "p1", state: { title: "S", names: 1 } }).state.title).toBe("S");
  });

  test("shares nothing between its entities", () => {
    const [a, b] = [Post.create({ body }), Post.create({ body })];
    a.rename("A");
    expect(b).toMatchObject({ version: 1, state: { title: "Hello" } });
    expect(b.uncommittedEvents).toHaveLength(1);
  });
});

describe("options of Entity", () => {
  test.each([[0], [-1], [1.5], [Number.NaN], ["5"]])("refuse %j for maxQueuedEvents", (maxQueuedEvents) => {
    const attempt = () => Entity(schema, reducer, { maxQueuedEvents: maxQueuedEvents as number });
    expect(attempt).toThrow(ValidationError);
    expect(attempt).toThrow(expect.objectContaining({ code: "invalid_option" }));
    expect(attempt).toThrow(/maxQueuedEvents/);
  });

  test.each([[-1], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY], ["1"], [null]])(
    "refuse %j for revision",
    (revision) => {
      const attempt = () => Entity(schema, reducer, { revision: revision as number });
      expect(attempt).toThrow(ValidationError);
      expect(attempt).toThrow(expect.objectContaining({ code: "invalid_option" }));
      expect(attempt).toThrow(/revision/);
    },
  );

  test("say which build of the reducer it is, 0 unless given; classes that extend it are of the same one", () => {
    expect(definitionOf(Entity(schema, reducer)).revision).toBe(0);
    expect(definitionOf(Entity(schema, reducer, { revision: 0 })).revision).toBe(0);
    class Extended extends Entity(schema, reducer, { revision: 7 }) {}
    expect(definitionOf(Extended).revision).toBe(7);
  });

  test("are read once and never written to", () => {
    const options = Object.freeze({ maxQueuedEvents: 5, generateId: () => "id", now: () => new Date(0) });
    expect(Entity(schema, reducer, options).create({ body }).uncommittedEvents[0]?.eventCreatedAt).toBe(
      "1970-01-01T00:00:00.000Z",
    );
  });
});
