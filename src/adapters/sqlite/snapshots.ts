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
): { state: Json; version: number; eventId?: string } | null {
  const found = connection.all<{ state: string; version: number; eventId: string | null }>(
    `SELECT state, version, event_id AS eventId FROM ventyd_snapshots WHERE ${ofEntity} AND fingerprint = ? AND version <= ? ORDER BY version DESC LIMIT 1`,
    entityName,
    entityId,
    fingerprint,
    upToVersion,
  )[0];
  if (found === undefined) return null;
  const { state, version, eventId } = found;
  return { state: JSON.parse(state) as Json, version, ...(eventId !== null && { eventId }) };
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
    eventId,
    state,
  }: {
    entityName: string;
    entityId: string;
    fingerprint?: string;
    version: number;
    eventId?: string | undefined;
    state: string;
  },
): void {
  connection.run(
    "INSERT INTO ventyd_snapshots (entity_name, entity_id, fingerprint, version, event_id, state) VALUES (?, ?, ?, ?, ?, ?)" +
      " ON CONFLICT (tenant, entity_name, entity_id, fingerprint, version) DO UPDATE SET event_id = excluded.event_id, state = excluded.state",
    entityName,
    entityId,
    fingerprint,
    version,
    eventId ?? null,
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
