import { CursorAheadError } from "../../errors/index.ts";
import type { StoredEvent } from "../../schema/event.ts";
import {
  type EntitySummary,
  type LoadedEvent,
  type LoadQuery,
  type PageQuery,
  type StreamName,
  toStoredEvent,
} from "../../storage/index.ts";
import type { Json } from "../../util/json.ts";
import { checkText } from "../../util/text.ts";
import { compareUtf8 } from "../../util/utf8-order.ts";
import type { Contents, Row, Stream, View } from "./contents.ts";

export function loadEvents(contents: Contents, view: View, query: LoadQuery): LoadedEvent[] {
  return range(contents, view, query).map((row) => toLoadedEvent(view.current(row)));
}

export function loadHistory(contents: Contents, view: View, query: LoadQuery): StoredEvent[] {
  return range(contents, view, query).map((row) => toStoredEvent(view.current(row)));
}

export function eventsOfKey(
  contents: Contents,
  view: View,
  stream: StreamName,
  key: string,
): readonly StoredEvent[] | undefined {
  const found = contents.stream(stream)?.keys?.get(key);
  if (found === undefined) return undefined;
  const { version, size } = found;
  const events = loadHistory(contents, view, { ...stream, afterVersion: version - 1, version: version + size - 1 });
  // The events of a key are committed together: there are none before the transaction around them ends.
  return events.length === 0 ? undefined : events;
}

/** One page of the log between two positions, both exclusive. */
export function readPage({ log }: Contents, view: View, query: PageQuery): StoredEvent[] {
  const { after, before, limit, order } = query;
  const lets = filterOf(query);
  const page: StoredEvent[] = [];
  const [first, last] = [after + 1, Math.min(before - 1, view.head)];
  const step = order === "desc" ? -1 : 1;
  for (let position = step === 1 ? first : last; first <= position && position <= last; position += step) {
    const row = log[position - 1] as Row;
    if (!lets(row)) continue;
    page.push(toStoredEvent(view.current(row)));
    if (page.length === limit) break;
  }
  return page;
}

export function listEntities(
  contents: Contents,
  view: View,
  entityName: string,
  after: string,
  limit: number,
): EntitySummary[] {
  const streams = contents.sorted(entityName);
  const summaries: EntitySummary[] = [];
  for (let index = indexAfter(streams, after); index < streams.length && summaries.length < limit; index++) {
    const { entityId, rows } = streams[index] as Stream;
    const first = rows[0];
    const last = rows[visible(rows, view) - 1];
    if (first === undefined || last === undefined) continue;
    summaries.push({
      entityName,
      entityId,
      version: last.version,
      createdAt: first.eventCreatedAt,
      updatedAt: last.eventCreatedAt,
      lastActor: last.actor ?? undefined,
    });
  }
  return summaries;
}

/** The part of an entity's stream that a query asks for. */
function range(contents: Contents, view: View, query: LoadQuery): readonly Row[] {
  const { entityId, afterVersion = 0, version = Number.MAX_SAFE_INTEGER, at, knownAt, position } = query;
  checkText(entityId, "entityId");
  if (position !== undefined && position > view.head) throw new CursorAheadError({ after: position, head: view.head });
  const rows = contents.stream(query)?.rows;
  if (rows === undefined) return [];
  const count = visible(rows, view);
  const upTo = Math.min(
    version,
    at === undefined ? count : countUpTo(rows, count, ({ createdMs }) => createdMs <= at),
    knownAt === undefined ? count : countUpTo(rows, count, ({ recordedMs }) => recordedMs <= knownAt),
    position === undefined ? count : countUpTo(rows, count, (row) => row.position <= position),
  );
  // `slice` takes what is below 0 from the end.
  return rows.slice(Math.max(0, afterVersion), Math.max(0, upTo));
}

/** How many rows of a stream a reader may see. */
function visible(rows: readonly Row[], { head }: View): number {
  return countUpTo(rows, rows.length, ({ position }) => position <= head);
}

/** How many of the first `count` rows there are up to the last one that is within a bound; those before it may lie beyond. */
function countUpTo(rows: readonly Row[], count: number, isWithin: (row: Row) => boolean): number {
  let upTo = count;
  while (upTo > 0 && !isWithin(rows[upTo - 1] as Row)) upTo--;
  return upTo;
}

function toLoadedEvent(row: Row): LoadedEvent {
  const { eventId, eventCreatedAt, eventName, entityId, entityName, version, bodyIsOutput, isErased } = row;
  const body = JSON.parse(row.bodyText) as Json;
  const event = { eventId, eventCreatedAt, eventName, entityId, entityName, version, body, bodyIsOutput };
  return isErased ? { ...event, isErased } : event;
}

function filterOf(query: PageQuery): (row: Row) => boolean {
  const { entityNames, eventNames, actors, correlationIds } = query;
  const { recordedFrom = Number.NEGATIVE_INFINITY, recordedBefore = Number.POSITIVE_INFINITY } = query;
  const lets = (values: readonly string[] | undefined) => {
    if (values === undefined) return undefined;
    const set = new Set<string | null>(values);
    return (value: string | null) => set.has(value);
  };
  const [entity, event, actor, correlation] = [entityNames, eventNames, actors, correlationIds].map(lets);
  return (row) =>
    row.recordedMs >= recordedFrom &&
    row.recordedMs < recordedBefore &&
    (entity?.(row.entityName) ?? true) &&
    (event?.(row.eventName) ?? true) &&
    (actor?.(row.actor) ?? true) &&
    (correlation?.(row.correlationId) ?? true);
}

/** Where the ids after one begin. */
function indexAfter(streams: readonly Stream[], after: string): number {
  let [low, high] = [0, streams.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8((streams[middle] as Stream).entityId, after) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
