import { createRepository, defineReducer, defineSchema, Entity, type Migrate, mutation } from "ventyd";
import { z, zod } from "ventyd/zod";
import { openStore } from "../support/temp-database.ts";
import { Note, who } from "./note.ts";

const oldSchema = defineSchema("note", {
  schema: zod({
    event: {
      created: z.object({ title: z.string() }),
      retitled: z.object({ title: z.string() }),
      tagged: z.object({ tags: z.array(z.string()) }),
      viewed: z.object({}),
      sent: z.object({}),
    },
    state: z.object({ title: z.string() }),
  }),
  initialEventName: "note:created",
});

/** A note as the code of last year had it. */
class OldNote extends Entity(
  oldSchema,
  defineReducer(oldSchema, {
    "note:created": (_, { body }) => body,
    "note:retitled": (_, { body }) => body,
    "note:tagged": (state) => state,
    "note:viewed": (state) => state,
    "note:sent": (state) => state,
  }),
) {
  retitle = mutation(this, (dispatch, title: string) => dispatch("note:retitled", { title }));
  tag = mutation(this, (dispatch, ...tags: string[]) => dispatch("note:tagged", { tags }));
  view = mutation(this, (dispatch) => dispatch("note:viewed", {}));
  send = mutation(this, (dispatch) => dispatch("note:sent", {}));
}

/** Reads the notes of last year as those of today; knows both. */
export const migrate: Migrate = (event) => {
  const body = event.body as { title?: string; tags?: string[] };
  switch (event.eventName) {
    case "note:created":
      return "title" in body ? { ...event, body: { text: body.title } } : event;
    case "note:retitled":
      return { ...event, eventName: "note:edited", body: { text: body.title } };
    case "note:tagged":
      return body.tags?.map((tag) => ({ ...event, body: { tag } })) ?? event;
    case "note:sent":
      return { ...event, eventName: "note:published" };
    case "note:viewed":
      return null;
    default:
      return event;
  }
};

/** Five events of last year: created, retitled, tagged twice over, viewed, retitled. */
export async function openOld(given: Migrate = migrate) {
  const opened = await openStore();
  const oldNotes = createRepository(OldNote, { adapter: opened.store });
  await oldNotes.create({ entityId: "n", body: { title: "one" } }, who);
  await oldNotes.mutate({ entityId: "n" }, (note) => {
    note.retitle("two");
    note.tag("red", "green");
    note.view();
    note.retitle("three");
  });
  const notes = createRepository(Note, { adapter: opened.store, migrate: given });
  return { ...opened, oldNotes, notes };
}
