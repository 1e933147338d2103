import { warn } from "../../util/warning.ts";
import { runSteps, sqliteDialect } from "../sql/dialects/sqlite.ts";
import { durability } from "../sql/dialects/sqlite-durability.ts";
import type { SqlConnection, SqlExecutor } from "../sql/executor.ts";
import { SqlStore } from "../sql/sql-store.ts";
import { durabilityReduced } from "./durability-reduced.ts";
import type { SqliteSettings } from "./types.ts";

/** A store on the connections of an executor. */
export function overExecutor<TClient extends object>(
  executor: SqlExecutor<TClient>,
  { busyTimeout, onWarning, ...settings }: SqliteSettings,
): SqlStore<TClient> {
  const durabilityOf = (connection: SqlConnection) => runSteps(connection, durability());
  return new SqlStore(executor, sqliteDialect({ busyTimeout }), {
    ...settings,
    durability: durabilityOf,
    async onReady(connection) {
      const { survives, because } = await durabilityOf(connection);
      if (survives !== "process_crash") return;
      warn(onWarning, durabilityReduced(because, "Set synchronous = FULL on the connections of the executor"));
    },
  });
}
