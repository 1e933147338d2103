import Database from "better-sqlite3";
import { createRepository, defineEntity } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z } from "zod";

const Note = defineEntity("note", {
  state: z.object({ text: z.string() }),
  events: { written: z.object({ text: z.string() }), edited: z.object({ text: z.string() }) },
  initial: "written",
  reduce: { written: (_, { body }) => body, edited: (_, { body }) => body },
  mutations: { edit: ({ dispatch }, text: string) => dispatch("edited", { text }) },
});

async function main() {
  const store = createSqliteStore(new Database(":memory:"));
  await store.migrate();
  const notes = createRepository(Note, { adapter: store, attribution: "required" });
  const alice = { actor: "alice", reason: "to try it" };
  await notes.create({ entityId: "1", body: { text: "hello" } }, alice);
  await notes.mutate({ entityId: "1" }, (note) => note.edit("hello, world"), alice);
  const rows = await store.transaction(async ({ client }) => {
    await notes.mutate({ entityId: "1" }, (note) => note.edit("oops"), alice);
    // @ts-expect-error the client is the driver's own, and has no such method
    client.nothing;
    return client.prepare<[], { n: number }>("SELECT count(*) AS n FROM ventyd_log").get()?.n;
  });
  await notes.rollback(await notes.previewRollback({ entityId: "1", toVersion: 2 }), { actor: "bob", reason: "typo" });
  const note = await notes.findOneOrThrow({ entityId: "1" });
  const entries = await notes.history({ entityId: "1" });
  const history = entries.map(({ event, effective }) => [event.version, event.metadata?.actor, effective]);
  console.log(JSON.stringify([note.state, rows, history, entries.at(-1)?.changes]));
  await store.close();
}

void main();
