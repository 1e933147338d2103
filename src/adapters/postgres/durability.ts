import type { Durability } from "../../storage/index.ts";
import type { SqlConnection } from "../sql/executor.ts";

/** What an acknowledged commit survives, by the settings of the server. */
export async function postgresDurability(connection: SqlConnection): Promise<Durability> {
  const [settings] = await connection.execute<{ fsync: string; writes: string }>(
    "SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS writes",
  );
  const because = `fsync = ${settings?.fsync}, full_page_writes = ${settings?.writes}, synchronous_commit on in the store's transactions`;
  return { survives: settings?.fsync === "on" ? "power_loss" : "process_crash", because };
}
