import { AttributionError, createRepository, withAttribution } from "ventyd";
import { describe, expect, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { rejection } from "../support/temp-database.ts";
import { Note, openNotes, who } from "./note.ts";

type Policy = NonNullable<NonNullable<Parameters<typeof openNotes>[0]>["attribution"]>;

const said = { nothing: {}, actor: { actor: "alice" }, both: who };

/** What the stricter of two policies asks of the creation of a note. */
const order: readonly Policy[] = ["optional", "actor", "required"];

describe("a store with an attribution policy", () => {
  for (const ofStore of order) {
    for (const ofRepository of order) {
      const stricter = order[Math.max(order.indexOf(ofStore), order.indexOf(ofRepository))];
      test(`"${ofStore}" and a repository with "${ofRepository}" ask together for what "${stricter}" asks for`, async () => {
        const { store } = await openNotes({ attribution: ofStore });
        const notes = createRepository(Note, { adapter: store, attribution: ofRepository as "required" });
        const passes: string[] = [];
        for (const [what, attribution] of Object.entries(said)) {
          const creating = notes.create({ body: { text: what } }, attribution);
          await creating.then(
            () => passes.push(what),
            (error) => expect(error).toBeInstanceOf(AttributionError),
          );
        }
        const expected = { optional: ["nothing", "actor", "both"], actor: ["actor", "both"], required: ["both"] };
        expect(passes).toEqual(expected[stricter as keyof typeof expected]);
        expect(await readAll(store)).toHaveLength(passes.length);
      });
    }
  }

  test("binds every verb that writes; what is refused stays in its entity", async () => {
    const { notes, store } = await openNotes({ attribution: "actor" });
    await notes.create({ entityId: "n", body: { text: "one" } }, who);
    const note = await notes.findOneOrThrow({ entityId: "n" });
    note.edit("two");
    const preview = await notes.preview({ entityId: "n" }, (it) => it.edit("three"));
    const verbs = [
      () => notes.create({ body: { text: "" } }),
      () => notes.mutate({ entityId: "n" }, (it) => it.edit("x")),
      () => notes.commit(note),
      () => notes.commit([note, Note.create({ body: { text: "" } })]),
      () => notes.commit(preview),
      () => store.commit([note]),
      () => store.transaction(() => notes.commit(note)),
    ];
    for (const verb of verbs) expect(await rejection(verb()), String(verb)).toBeInstanceOf(AttributionError);
    expect(await readAll(store)).toHaveLength(1);
    expect(note.uncommittedEvents).toHaveLength(1);
    await withAttribution({ actor: "bob" }, () => notes.commit(note));
    expect((await readAll(store)).at(-1)?.metadata).toEqual({ actor: "bob" });
  });

  test("of event names asks for a reason for these, whatever the repository says", async () => {
    const { store } = await openNotes({ attribution: ["note:published"] });
    const notes = createRepository(Note, { adapter: store, attribution: "optional" });
    await notes.create({ entityId: "n", body: { text: "one" } }, { actor: "alice" });
    const publishing = notes.mutate({ entityId: "n" }, (note) => note.publish(), { actor: "alice" });
    expect(await rejection(publishing)).toMatchObject({ eventName: "note:published", missing: ["reason"] });
    await notes.mutate({ entityId: "n" }, (note) => note.publish(), who);
    expect(await rejection(notes.mutate({ entityId: "n" }, (note) => note.edit("x")))).toMatchObject({
      missing: ["actor"],
    });
  });
});
