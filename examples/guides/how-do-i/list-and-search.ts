import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import { createRepository } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { Post } from "./post.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ventyd-guide-"));
const database = new Database(path.join(folder, "app.db"));
const store = createSqliteStore(database);
await store.migrate();
const posts = createRepository(Post, { adapter: store });
for (const [entityId, title] of Object.entries({ p1: "Events", p2: "Commands", p3: "More events" })) {
  await posts.create({ entityId, body: { title } }, { actor: "ann" });
}

// #region list
const page = await store.entities({ entityName: "post", limit: 2 });
const next = await store.entities({ entityName: "post", limit: 2, after: page.at(-1)?.entityId });
for (const { entityId, version, lastActor } of [...page, ...next]) console.log(entityId, version, lastActor);
// => p1 1 ann
// => p2 1 ann
// => p3 1 ann
// #endregion

// #region search
database.exec("CREATE TABLE IF NOT EXISTS post_list (id TEXT PRIMARY KEY, title TEXT, status TEXT, position INTEGER)");
const newest = database.prepare<[], number>("SELECT coalesce(max(position), 0) FROM post_list").pluck();
const save = database.prepare("INSERT OR REPLACE INTO post_list (id, title, status, position) VALUES (?, ?, ?, ?)");

async function refresh() {
  for await (const event of store.read({ after: newest.get() ?? 0, entityNames: ["post"] })) {
    const { entityId, position, isErased } = event;
    const post = isErased ? null : await posts.findOneOrThrow({ entityId });
    save.run(entityId, post?.state.title ?? null, post?.state.status ?? null, position);
  }
}

await refresh();
const found = database.prepare("SELECT id FROM post_list WHERE title LIKE ? ORDER BY id").pluck().all("%events%");
console.log(found); // => [ 'p1', 'p3' ]
// #endregion

await posts.mutate({ entityId: "p1" }, (post) => post.retitle("Facts"));
await posts.rollback({ entityId: "p1", toVersion: 1 }, { actor: "ann", reason: "It was better before" });
await refresh();
console.log(database.prepare("SELECT title, position FROM post_list WHERE id = 'p1'").raw().get()); // => [ 'Events', 5 ]
await store.erase({ entityName: "post", entityId: "p3" }, { actor: "bob", reason: "Erasure request 31" });
await refresh();
console.log(database.prepare("SELECT title, position FROM post_list WHERE id = 'p3'").raw().get()); // => [ null, 6 ]
await store.close();
database.close();
rmSync(folder, { recursive: true });
