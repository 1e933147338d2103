import { isDeepStrictEqual } from "node:util";
import Database from "better-sqlite3";
import { type Adapter, createRepository, VentydError } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { type OldEvent, toImport } from "./to-import.ts";
import { User } from "./user.ts";

const oldDatabase = new Database(":memory:");
oldDatabase.exec(
  "CREATE TABLE events (event_id TEXT, event_name TEXT, created_at TEXT, entity_name TEXT, entity_id TEXT, body TEXT, version INTEGER)",
);
const insert = oldDatabase.prepare("INSERT INTO events VALUES (?, ?, ?, 'user', ?, ?, ?)");
insert.run("a1", "user:created", "2023-01-01T00:00:00.000Z", "ann", '{"nickname":"ann","email":"a@b.cd"}', 1);
insert.run("a2", "user:renamed", "2023-01-02T00:00:00.000Z", "ann", '{"nickname":"anna"}', 2);
insert.run("a3", "user:renamed", "2023-01-02T00:00:00.001Z", "ann", '{"nickname":"annie"}', 2); // two writers at once
insert.run("b2", "user:renamed", "2022-06-02", "bob", '{"nickname":"bobby"}', null); // before there were versions
insert.run("b1", "user:created", "2022-06-01", "bob", '{"nickname":"bob","email":"b@b.cd"}', null);
insert.run("c1", "user:created", "n/a", "cem", '{"nickname":"cem","email":"c@b.cd"}', 1); // a time that nobody can read
insert.run("c2", "user:deleted", "2023-03-01T09:00:00+09:00", "cem", "{}", 2);

// #region read
const columns =
  "event_id AS eventId, event_name AS eventName, created_at AS eventCreatedAt, entity_name AS entityName, entity_id AS entityId, body, version";
const oldEvents: OldEvent[] = oldDatabase
  .prepare<[], OldEvent & { body: string }>(`SELECT ${columns} FROM events ORDER BY rowid`)
  .all()
  .map((row) => ({ ...row, body: JSON.parse(row.body) }));
// #endregion

const database = new Database(":memory:"); // or a file

// #region import
const store = createSqliteStore(database);
await store.migrate();
console.log(await store.import(toImport(oldEvents))); // => { imported: 7, skipped: 0 }
console.log(await store.import(toImport(oldEvents))); // => { imported: 0, skipped: 7 }
// #endregion

// #region compare
const oldAdapter: Adapter = {
  getEventsByEntityId: async ({ entityName, entityId }) =>
    oldEvents
      .filter((event) => event.entityName === entityName && event.entityId === entityId)
      .map(({ version, ...event }) => ({ ...event, ...(version != null && { version }) })),
  commitEvents: () => Promise.reject(new Error("nothing is written here any more")),
};
const [before, after] = [oldAdapter, store].map((adapter) => createRepository(User, { adapter }));
for (const entityId of new Set(oldEvents.map((event) => event.entityId))) {
  const [was, is] = [await before?.findOne({ entityId }), await after?.findOne({ entityId })];
  console.log(entityId, isDeepStrictEqual(was?.state, is?.state), is?.version);
  // => ann true 3
  // => bob true 2
  // => cem true 2
}
// #endregion

for await (const { eventId, version, eventCreatedAt, metadata } of store.read()) {
  console.log(eventId, version, eventCreatedAt, JSON.stringify(metadata));
  // => b1 1 2022-06-01T00:00:00.000Z {"oldVersion":"none","oldCreatedAt":"2022-06-01"}
  // => b2 2 2022-06-02T00:00:00.000Z {"oldVersion":"none","oldCreatedAt":"2022-06-02"}
  // => a1 1 2023-01-01T00:00:00.000Z {}
  // => a2 2 2023-01-02T00:00:00.000Z {}
  // => a3 3 2023-01-02T00:00:00.001Z {"oldVersion":2}
  // => c1 1 2023-03-01T00:00:00.000Z {"oldCreatedAt":"n/a"}
  // => c2 2 2023-03-01T09:00:00+09:00 {}
}

// What import says to the events as they are.
for (const entityId of ["ann", "bob", "cem"]) {
  const events = oldEvents.filter((event) => event.entityId === entityId);
  const untouched = events.map(({ version, ...event }) => ({ ...event, ...(version !== null && { version }) }));
  const empty = createSqliteStore(new Database(":memory:"));
  await empty.migrate();
  const error = await empty.import(untouched as never).catch((error: unknown) => error);
  console.log(entityId, error instanceof VentydError && error.code);
  // => ann import_conflict
  // => bob invalid_instant
  // => cem invalid_instant
}
