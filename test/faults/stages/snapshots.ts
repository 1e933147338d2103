import type { KeptSnapshot } from "../facts.ts";

/** Rows of the table of snapshots, whichever driver has read them. */
export function readSnapshots(rows: readonly unknown[]): KeptSnapshot[] {
  return (rows as Record<string, unknown>[]).map(({ entity_id, version, event_id, state }) => ({
    entityId: String(entity_id),
    version: Number(version),
    eventId: String(event_id),
    state: JSON.parse(String(state)),
  }));
}
