import Database from "better-sqlite3";
import { createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { createSqliteStore } from "ventyd/sqlite";
import { Counter } from "../crash/counter.ts";

// A whole life of the library, on a store in memory and on the file that is named.
const [file] = process.argv.slice(2) as [string];
const database = new Database(file);
database.pragma("synchronous = FULL");
const sqlite = createSqliteStore(database);

const who = { actor: "alice", reason: "Life" };
for (const store of [createMemoryStore(), sqlite] as (typeof sqlite)[]) {
  await store.migrate();
  const plugins = [{ onCommitted() {} }];
  const counters = createRepository(Counter, {
    adapter: store,
    attribution: "actor",
    snapshot: { frequency: 2 },
    plugins,
  });
  const following = store.subscribe({ after: 0 });
  const { entity } = await counters.create({ entityId: "c", body: {} }, who);
  await counters.mutate({ entityId: "c" }, (counter) => counter.count(3), { ...who, idempotencyKey: "k" });
  entity.count(1);
  await counters.commit(entity, who).catch(() => {});
  await store.transaction(() => counters.mutate({ entityId: "c" }, (counter) => counter.count(1), who));
  await counters.rollback(await counters.previewRollback({ entityId: "c", toVersion: 2 }), who);
  await counters.commit(await counters.preview({ entityId: "c" }, (counter) => counter.count(1)), who);
  await counters.history({ entityId: "c" });
  await counters.findMany({ entityIds: ["c", "none"] });
  await store.commit([Counter.create({ body: {} }), Counter.create({ body: {} })], who);
  await following.next();
  await following.return?.();
  await store.erase({ entityName: "counter", entityId: "c" }, who);
  await counters.findOne({ entityId: "c" }).catch(() => {});
  await store.close();
}
database.close();
