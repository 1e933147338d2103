import type { StreamName } from "../../storage/index.ts";

/** A cached state of one entity. */
export interface Snapshot {
  readonly fingerprint: string;
  readonly version: number;
  readonly eventId: string | undefined;
  readonly stateText: string;
}

/** How many snapshots an entity keeps of one fingerprint. */
const keptSnapshots = 2;

/** Where the snapshots of an entity are kept. It need not have a stream: nobody stops an application from saving one of what it never stored. */
export function snapshotKey({ entityName, entityId }: StreamName): string {
  return JSON.stringify([entityName, entityId]);
}

/** A list of snapshots, the newest of each fingerprint first, with one more; the oldest goes. */
export function withSnapshot(snapshots: readonly Snapshot[], added: Snapshot): readonly Snapshot[] {
  const { fingerprint, version } = added;
  const others = snapshots.filter((snapshot) => snapshot.fingerprint !== fingerprint);
  const kept = snapshots.filter((snapshot) => snapshot.fingerprint === fingerprint && snapshot.version !== version);
  return [...others, ...[...kept, added].sort((a, b) => b.version - a.version).slice(0, keptSnapshots)];
}

/** The newest snapshot of a list at or below a version. */
export function findSnapshot(
  snapshots: readonly Snapshot[],
  fingerprint: string,
  upToVersion: number,
): Snapshot | undefined {
  return snapshots.find((snapshot) => snapshot.fingerprint === fingerprint && snapshot.version <= upToVersion);
}
