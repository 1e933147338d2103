import type { EncodedCommit } from "../../storage/index.ts";
import type { GatherKey, GatherRange, LockedStream } from "./dialect.ts";
import { nameOf } from "./gathered-log.ts";

/** What an append, or an erasure, must lock and know before it can be decided. */
export interface Facts {
  readonly streams: readonly LockedStream[];
  readonly ids: readonly string[];
  readonly ranges: readonly GatherRange[];
  readonly keys: readonly GatherKey[];
}

/** What appends must lock and know. */
export function factsOf(commits: readonly EncodedCommit[]): Facts {
  const streams = new Map<string, LockedStream>();
  for (const { commit } of commits) {
    const { entityName, entityId, expectedVersion } = commit;
    const name = nameOf({ entityName, entityId });
    const mayBeNew = expectedVersion === 0 || expectedVersion === "any" || streams.get(name)?.mayBeNew === true;
    streams.set(name, { entityName, entityId, mayBeNew });
  }
  return {
    streams: [...streams.values()],
    ids: commits.flatMap(({ events }) => events.map(({ event }) => event.eventId)),
    ranges: commits.flatMap(({ commit: { entityName, entityId, expectedVersion, events } }) =>
      expectedVersion === "any"
        ? []
        : { entityName, entityId, firstVersion: expectedVersion + 1, count: events.length },
    ),
    keys: commits.flatMap(({ commit: { entityName, entityId, idempotencyKey: key } }) =>
      key === undefined ? [] : { entityName, entityId, key },
    ),
  };
}

/** The stored events that must be looked at, of what is there: where nothing is asked of any, the last one of each entity. */
export function rangesOf(
  { streams, ids, ranges }: Facts,
  ends: ReadonlyMap<string, { readonly version: number }>,
): GatherRange[] {
  const heads = ranges.length > 0 || ids.length > 0 ? [] : lastOf(streams, ends);
  return [...ranges, ...heads].flatMap((range) => upToEnd(range, ends));
}

/** The last event of each entity. */
function lastOf(
  streams: readonly LockedStream[],
  ends: ReadonlyMap<string, { readonly version: number }>,
): GatherRange[] {
  return streams.flatMap(({ entityName, entityId }) => {
    const end = ends.get(nameOf({ entityName, entityId }));
    return end === undefined ? [] : { entityName, entityId, firstVersion: end.version, count: 1 };
  });
}

/** What of a range is there. */
function upToEnd(range: GatherRange, ends: ReadonlyMap<string, { readonly version: number }>): GatherRange[] {
  const end = ends.get(nameOf(range))?.version ?? 0;
  const count = Math.min(range.count, end - range.firstVersion + 1);
  return count > 0 ? [{ ...range, count }] : [];
}
