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
for (const entityId of ["p1", "p2"]) {
  await posts.create({ entityId, body: { title: entityId } });
  await posts.mutate({ entityId }, (post) => post.approve());
}
const stop = new AbortController();
const sent: string[] = [];
async function sendMail(text: string) {
  sent.push(text);
  if (sent.length === 2) stop.abort();
}

// #region follow
database.exec("CREATE TABLE IF NOT EXISTS cursors (reader TEXT PRIMARY KEY, position INTEGER NOT NULL)");
const readCursor = database.prepare<[], number>("SELECT position FROM cursors WHERE reader = 'mailer'").pluck();
const writeCursor = database.prepare("INSERT OR REPLACE INTO cursors (reader, position) VALUES ('mailer', ?)");

async function follow(signal: AbortSignal) {
  const after = readCursor.get() ?? 0;
  for await (const event of store.subscribe({ after, eventNames: ["post:approved"], signal })) {
    await sendMail(`Post ${event.entityId} is approved`);
    writeCursor.run(event.position);
  }
}
// #endregion

await follow(stop.signal);
console.log(sent); // => [ 'Post p1 is approved', 'Post p2 is approved' ]
console.log(readCursor.get()); // => 4
await store.close();
database.close();
rmSync(folder, { recursive: true });
