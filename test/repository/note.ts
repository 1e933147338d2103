import {
  createRepository,
  type DispatchOptions,
  defineReducer,
  defineSchema,
  Entity,
  type EventStore,
  mutation,
} from "ventyd";
import type { SqliteStoreOptions } from "ventyd/sqlite";
import { z, zod } from "ventyd/zod";
import { openStore } from "../support/temp-database.ts";

export const noteSchema = defineSchema("note", {
  schema: zod({
    event: {
      created: z.object({ text: z.string() }),
      edited: z.object({ text: z.string() }),
      tagged: z.object({ tag: z.string() }),
      published: z.object({}),
    },
    state: z.object({ text: z.string().max(50), tags: z.array(z.string()), isPublished: z.boolean() }),
  }),
  initialEventName: "note:created",
  irreversible: ["note:published"],
});

export const noteReducer = defineReducer(noteSchema, {
  "note:created": (_, { body }) => ({ text: body.text, tags: [], isPublished: false }),
  "note:edited": (state, { body }) => ({ ...state, text: body.text }),
  "note:tagged": (state, { body }) => ({ ...state, tags: [...state.tags, body.tag] }),
  "note:published": (state) => ({ ...state, isPublished: true }),
});

/** A small entity that everything in this folder is tried on. */
export class Note extends Entity(noteSchema, noteReducer) {
  edit = mutation(this, (dispatch, text: string) => dispatch("note:edited", { text }));
  editAt = mutation(this, (dispatch, text: string, eventCreatedAt: string) =>
    dispatch("note:edited", { text }, { eventCreatedAt }),
  );
  editWith = mutation(this, (dispatch, text: string, options: DispatchOptions) =>
    dispatch("note:edited", { text }, options),
  );
  tag = mutation(this, (dispatch, tag: string) => dispatch("note:tagged", { tag }));
  publish = mutation(this, (dispatch) => dispatch("note:published", {}));
  /** Edits at once, then waits: for as long as that takes the entity is busy. */
  editSlowly = mutation(this, async (dispatch, text: string, until: Promise<unknown>) => {
    dispatch("note:edited", { text });
    await until;
  });
}

export const who = { actor: "alice", reason: "because" };

/** A repository of notes over a SQLite file of the running test's own. */
export async function openNotes(options: SqliteStoreOptions = {}) {
  const opened = await openStore(options);
  return { ...opened, notes: createRepository(Note, { adapter: opened.store }) };
}

/** A store around which everything is handed on, as one that traces calls does; `overrides` stand for methods of it. */
export function wrapped<TStore extends EventStore>(store: TStore, overrides: Partial<EventStore> = {}): TStore {
  return new Proxy(store, {
    get(target, key) {
      if (Object.hasOwn(overrides, key)) return overrides[key as keyof EventStore];
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A store whose appends go through `around`, which may wait, or throw before or after it calls `append`. */
export function withAppend<TStore extends EventStore>(
  store: TStore,
  around: (append: () => ReturnType<EventStore["append"]>) => ReturnType<EventStore["append"]>,
): TStore {
  return wrapped(store, { append: (...args) => around(() => store.append(...args)) });
}

/** The same for the snapshots that it saves. */
export function withSaveSnapshot<TStore extends EventStore>(
  store: TStore,
  around: (save: () => Promise<void>) => Promise<void>,
): TStore {
  return wrapped(store, { saveSnapshot: (args) => around(() => store.saveSnapshot(args)) });
}

/** What is stored of one note, shortest: the texts, tags and names of its events. */
export async function told(store: EventStore, entityId: string): Promise<string[]> {
  const events = await store.load({ entityName: "note", entityId });
  return events.map(({ body }) => Object.values(body as object).join() || "-");
}
