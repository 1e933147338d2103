import type { StreamName } from "../../../storage/index.ts";
import { ofEntity } from "./sqlite-reads.ts";
import { rows, run, type Steps } from "./sqlite-steps.ts";

/** A snapshot as it is stored. */
export interface StoredSnapshot {
  readonly version: number;
  readonly eventId: string | null;
  readonly stateText: string;
}

export function* findSnapshot({
  entityName,
  entityId,
  fingerprint,
  upToVersion,
}: StreamName & { readonly fingerprint: string; readonly upToVersion: number }): Steps<StoredSnapshot | undefined> {
  const [found] = yield* rows<{ version: number | bigint; eventId: string | null; state: string }>(
    `SELECT version, event_id AS eventId, state FROM ventyd_snapshots
     WHERE ${ofEntity} AND fingerprint = ? AND version <= ? ORDER BY version DESC LIMIT 1`,
    entityName,
    entityId,
    fingerprint,
    upToVersion,
  );
  if (found === undefined) return undefined;
  return { version: Number(found.version), eventId: found.eventId, stateText: found.state };
}

/** How many snapshots an entity keeps of one fingerprint. */
const keptSnapshots = 2;

export function* saveSnapshot({
  entityName,
  entityId,
  fingerprint,
  version,
  eventId,
  stateText,
}: StreamName & StoredSnapshot & { readonly fingerprint: string }): Steps<void> {
  const insert =
    "INSERT INTO ventyd_snapshots (entity_name, entity_id, fingerprint, version, event_id, state) VALUES (?, ?, ?, ?, ?, ?)" +
    " ON CONFLICT (tenant, entity_name, entity_id, fingerprint, version) DO UPDATE SET event_id = excluded.event_id, state = excluded.state";
  yield* run(insert, entityName, entityId, fingerprint, version, eventId, stateText);
  const ofFingerprint = `${ofEntity} AND fingerprint = ?`;
  const stream = [entityName, entityId, fingerprint];
  yield* run(
    `DELETE FROM ventyd_snapshots WHERE ${ofFingerprint} AND version NOT IN
      (SELECT version FROM ventyd_snapshots WHERE ${ofFingerprint} ORDER BY version DESC LIMIT ${keptSnapshots})`,
    ...stream,
    ...stream,
  );
}
