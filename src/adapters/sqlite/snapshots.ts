import type { Json } from "../../util/json.ts";
import type { SqliteConnection } from "./connection.ts";
import { ofEntity } from "./events.ts";

export function findSnapshot(
  connection: SqliteConnection,
  {
    entityName,
    entityId,
    fingerprint = "",
    upToVersion = Number.MAX_SAFE_INTEGER,
  }: { entityName: string; entityId: string; fingerprint?: string; upToVersion?: number },
): { state: Json; version: number } | null {
  const found = connection.all<{ state: string; version: number }>(
    `SELECT state, version FROM ventyd_snapshots WHERE ${ofEntity} AND fingerprint = ? AND version <= ? ORDER BY version DESC LIMIT 1`,
    entityName,
    entityId,
    fingerprint,
    upToVersion,
  )[0];
  return found === undefined ? null : { state: JSON.parse(found.state) as Json, version: found.version };
}

/** How many snapshots an entity keeps of one fingerprint. */
const keptSnapshots = 2;

export function saveSnapshot(
  connection: SqliteConnection,
  {
    entityName,
    entityId,
    fingerprint = "",
    version,
    state,
  }: { entityName: string; entityId: string; fingerprint?: string; version: number; state: string },
): void {
  connection.run(
    "INSERT INTO ventyd_snapshots (entity_name, entity_id, fingerprint, version, state) VALUES (?, ?, ?, ?, ?)" +
      " ON CONFLICT (tenant, entity_name, entity_id, fingerprint, version) DO UPDATE SET state = excluded.state",
    entityName,
    entityId,
    fingerprint,
    version,
    state,
  );
  connection.run(
    `DELETE FROM ventyd_snapshots WHERE ${ofEntity} AND fingerprint = ? AND version NOT IN
      (SELECT version FROM ventyd_snapshots WHERE ${ofEntity} AND fingerprint = ? ORDER BY version DESC LIMIT ${keptSnapshots})`,
    entityName,
    entityId,
    fingerprint,
    entityName,
    entityId,
    fingerprint,
  );
}
