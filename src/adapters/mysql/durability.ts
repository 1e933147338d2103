import type { Durability } from "../../storage/index.ts";
import type { SqlConnection } from "../sql/executor.ts";

/** What an acknowledged commit survives, by the settings of the server. */
export async function mysqlDurability(connection: SqlConnection): Promise<Durability> {
  const [settings] = await connection.execute<{ flush: unknown; binlog: unknown; sync: unknown }>(
    "SELECT @@innodb_flush_log_at_trx_commit AS flush, @@log_bin AS binlog, @@sync_binlog AS sync",
  );
  const flush = Number(settings?.flush);
  const binlog = Number(settings?.binlog);
  const sync = Number(settings?.sync);
  const because = `innodb_flush_log_at_trx_commit = ${flush}, log_bin = ${binlog}, sync_binlog = ${sync}`;
  // What the binary log has lost, recovery takes back; with 0, what is acknowledged may still be in the memory of the server's process.
  if (flush === 0) return { survives: "none", because };
  const isSafe = (flush === 1 || flush === 3) && (binlog === 0 || sync === 1);
  return { survives: isSafe ? "power_loss" : "process_crash", because };
}
