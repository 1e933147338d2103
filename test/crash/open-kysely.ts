import { Kysely, MysqlDialect, PostgresDialect } from "kysely";
import { createPool } from "mysql2";
import pg from "pg";
import { createMysqlStore, fromKysely as fromMysql } from "ventyd/mysql";
import { createPostgresStore, fromKysely as fromPostgres } from "ventyd/postgres";

interface Tables {
  application: { text: string };
}

/** Kysely, and a store on it. */
export function openKysely(driver: "pg" | "mysql2", url: string) {
  if (driver === "pg") {
    const pool = new pg.Pool({ connectionString: url });
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    return { db, store: createPostgresStore(fromPostgres(db)), fromKysely: fromPostgres };
  }
  const db = new Kysely<Tables>({ dialect: new MysqlDialect({ pool: createPool(url) }) });
  return { db, store: createMysqlStore(fromMysql(db)), fromKysely: fromMysql };
}
