import Database from "better-sqlite3";
import { createRepository, defineEntity } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z } from "zod";

// The application as it is: a table, and statements that change it.
const database = new Database(":memory:"); // or a file
database.exec(`
  CREATE TABLE posts (id TEXT PRIMARY KEY, title TEXT NOT NULL, status TEXT NOT NULL, updated_at TEXT NOT NULL);
  INSERT INTO posts VALUES
    ('p1', 'Hello', 'draft', '2025-11-03T08:15:00Z'),
    ('p2', 'Good bye', 'approved', '2025-11-04T17:40:00Z');
`);

// #region entity
const Status = z.enum(["draft", "approved"]);

const Post = defineEntity("post", {
  state: z.object({ title: z.string(), status: Status }),
  events: {
    drafted: z.object({ title: z.string() }),
    taken_over: z.object({ title: z.string(), status: Status }),
    approved: z.object({ comment: z.string() }),
  },
  initial: ["drafted", "taken_over"],
  reduce: {
    drafted: (_, { body }) => ({ title: body.title, status: "draft" }),
    taken_over: (_, { body }) => body,
    approved: (post) => ({ ...post, status: "approved" }),
  },
  mutations: {
    approve: ({ state, dispatch }, comment: string) => {
      if (state.status === "approved") throw new Error("This post is approved already");
      dispatch("approved", { comment });
    },
  },
});
// #endregion

// #region import
const store = createSqliteStore(database);
await store.migrate(); // makes tables of its own beside yours
const posts = createRepository(Post, { adapter: store, attribution: "required" });

type Row = { id: string; title: string; status: string; updated_at: string };
const rows = database.prepare<[], Row>("SELECT * FROM posts").all();

const result = await store.import(
  rows.map(({ id, title, status, updated_at }) => ({
    eventId: `taken-over-${id}`, // always the same, so that the import can be run again
    eventName: "post:taken_over",
    eventCreatedAt: updated_at, // date, time and offset, or Z
    entityName: "post",
    entityId: id,
    body: { title, status },
    metadata: { actor: "migration", reason: "Taken over from the table posts" },
  })),
);
console.log(result); // => { imported: 2, skipped: 0 }
// #endregion

// #region approve
async function approve(entityId: string, comment: string, actor: string, reason: string) {
  await store.transaction(async ({ client }) => {
    const { entity } = await posts.mutate({ entityId }, (post) => post.approve(comment), { actor, reason });
    client.prepare("UPDATE posts SET status = ? WHERE id = ?").run(entity.state.status, entityId);
  });
}

await approve("p1", "LGTM", "bob", "Weekly review");
console.log(database.prepare("SELECT status FROM posts WHERE id = 'p1'").pluck().get()); // => approved
// #endregion

// #region history
for (const { event, before, after } of await posts.history({ entityId: "p1" })) {
  console.log(event.metadata.actor, event.metadata.reason, before, after);
}
// => migration Taken over from the table posts null { title: 'Hello', status: 'draft' }
// => bob Weekly review { title: 'Hello', status: 'draft' } { title: 'Hello', status: 'approved' }
// #endregion

const twice = await approve("p1", "LGTM", "bob", "Again").catch((error) => error);
console.log(twice.message); // => This post is approved already
