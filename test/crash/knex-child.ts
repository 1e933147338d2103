import knex, { type Knex } from "knex";
import { createRepository } from "ventyd";
import { createMysqlStore, fromKnex as fromMysql } from "ventyd/mysql";
import { createPostgresStore, fromKnex as fromPostgres } from "ventyd/postgres";
import { createSqliteStore, fromKnex as fromSqlite } from "ventyd/sqlite";
import { Counter } from "./counter.ts";

// A process that joins a transaction of Knex, and is gone, without another instruction, at the point that it is told.
const [client, place, point] = process.argv.slice(2) as ["pg" | "mysql2" | "better-sqlite3", string, string];
const reached = (here: string) => {
  if (here === point) process.kill(process.pid, "SIGKILL");
};

const connection = client === "better-sqlite3" ? { filename: place } : place;
const db: Knex = knex({ client, connection, useNullAsDefault: true });
const open = {
  pg: () => ({ store: createPostgresStore(fromPostgres(db)), fromKnex: fromPostgres }),
  mysql2: () => ({ store: createMysqlStore(fromMysql(db)), fromKnex: fromMysql }),
  "better-sqlite3": () => ({ store: createSqliteStore(fromSqlite(db), { onWarning() {} }), fromKnex: fromSqlite }),
};
const { store, fromKnex } = open[client]();
const counters = createRepository(Counter, { adapter: store });
await db.transaction(async (trx) => {
  await trx("application").insert({ text: point });
  reached("the application has written");
  const { entity } = await counters.create({ entityId: point, body: {} }, { transaction: fromKnex(trx) });
  reached("an entity is committed in it");
  entity.count(2);
  await counters.commit(entity, { transaction: fromKnex(trx) });
  reached("everything is written");
});
reached("it is acknowledged");
