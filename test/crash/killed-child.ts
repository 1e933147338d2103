import Database from "better-sqlite3";
import { createRepository } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { Counter } from "./counter.ts";

// A process that is gone, without another instruction, at the point that it is told.
const [file, point] = process.argv.slice(2) as [string, string];
const reached = (here: string) => {
  if (here === point) process.kill(process.pid, "SIGKILL");
};

const store = createSqliteStore(new Database(file));
const counters = createRepository(Counter, { adapter: store });
await store.transaction(async ({ client }) => {
  reached("the transaction has begun");
  client.prepare("INSERT INTO application VALUES (?)").run(point);
  reached("the application has written");
  const { entity } = await counters.create({ entityId: point, body: {} });
  reached("an entity is committed in it");
  entity.count(2);
  await counters.commit(entity);
  client.prepare("INSERT INTO application VALUES (?)").run(`${point}, again`);
  reached("everything is written");
});
reached("it is acknowledged");
