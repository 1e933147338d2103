import { sql } from "drizzle-orm";
import { drizzle as onMysql } from "drizzle-orm/mysql2";
import { drizzle as onPg } from "drizzle-orm/node-postgres";
import { createPool } from "mysql2/promise";
import pg from "pg";
import { createRepository } from "ventyd";
import { createMysqlStore, fromDrizzle as fromMysql } from "ventyd/mysql";
import { createPostgresStore, fromDrizzle as fromPostgres } from "ventyd/postgres";
import { Counter } from "./counter.ts";

// A process that joins a transaction of Drizzle, and is gone, without another instruction, at the point that it is told.
const [driver, url, point] = process.argv.slice(2) as ["pg" | "mysql2", string, string];
const reached = (here: string) => {
  if (here === point) process.kill(process.pid, "SIGKILL");
};
const insert = sql`INSERT INTO application (text) VALUES (${point})`;

async function write(
  counters: ReturnType<typeof repository>,
  transaction: ReturnType<typeof fromPostgres>,
  execute: () => PromiseLike<unknown>,
) {
  await execute();
  reached("the application has written");
  const { entity } = await counters.create({ entityId: point, body: {} }, { transaction });
  reached("an entity is committed in it");
  entity.count(2);
  await counters.commit(entity, { transaction });
  reached("everything is written");
}

const repository = (store: ReturnType<typeof createPostgresStore>) => createRepository(Counter, { adapter: store });

if (driver === "pg") {
  const db = onPg({ client: new pg.Pool({ connectionString: url }) });
  const counters = repository(createPostgresStore(fromPostgres(db)));
  await db.transaction((tx) => write(counters, fromPostgres(tx), () => tx.execute(insert)));
} else {
  const db = onMysql({ client: createPool(url) });
  const counters = repository(createMysqlStore(fromMysql(db)));
  await db.transaction((tx) => write(counters, fromMysql(tx), () => tx.execute(insert)));
}
reached("it is acknowledged");
