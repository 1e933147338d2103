import { EntityErasedError } from "../errors/index.ts";
import type { StoredEvent } from "../schema/event.ts";
import { parseInstant } from "../util/instant.ts";
import { decideAppend } from "./decide-append.ts";
import type { EncodedCommit, EncodedEvent } from "./encode-commit.ts";
import type { CommitRow, EntityCommit } from "./types.ts";

/** The end of an entity's stream. */
export interface StreamEnd {
  /** 0 where the entity does not exist. */
  readonly version: number;
  readonly eventId?: string;
  readonly createdMs: number;
  readonly recordedMs: number;
  readonly isErased: boolean;
}

/** Which entity. */
export interface StreamName {
  readonly entityName: string;
  readonly entityId: string;
}

/** Where and how an event is inserted. */
export interface InsertAt {
  readonly version: number;
  readonly recordedMs: number;
  /** On the first event of a commit that has one, with the number of events that the key stands for. */
  readonly key?: { readonly text: string; readonly size: number } | undefined;
}

/** What deciding and writing asks of a log inside a transaction that is open; for stores that answer at once. */
export interface LogAccess {
  end(stream: StreamName): StreamEnd;
  /** Events from a version on, at most `count` of them. */
  events(stream: StreamName, firstVersion: number, count: number): readonly StoredEvent[];
  /** The ids of the same. */
  eventIds(stream: StreamName, firstVersion: number, count: number): readonly string[];
  versionOf(stream: StreamName, eventId: string): number | undefined;
  eventsOfKey(stream: StreamName, key: string): readonly StoredEvent[] | undefined;
  /** Writes one event; `undefined` where its id is stored already, by whichever entity. */
  insert(stream: StreamName, event: EncodedEvent, at: InsertAt): StoredEvent | undefined;
}

/** What a piece of work under a transaction came to: its value, and whether to keep what it wrote. */
export interface WorkResult<T> {
  readonly value: T;
  readonly keep: boolean;
}

/** Decides and writes commits inside a transaction that is open. When one is refused, the transaction must be taken back. */
export function appendCommits(
  log: LogAccess,
  commits: readonly EncodedCommit[],
  nowMs: number,
): WorkResult<readonly CommitRow[]> {
  const rows: CommitRow[] = [];
  let refused = false;
  for (const encoded of commits) {
    const row: CommitRow = refused ? { status: "held_back" } : appendCommit(log, encoded, nowMs);
    refused ||= row.status !== "written" && row.status !== "duplicate";
    rows.push(row);
  }
  if (!refused) return { value: rows, keep: true };
  return { value: rows.map((row) => (row.status === "written" ? { status: "held_back" } : row)), keep: false };
}

function appendCommit(log: LogAccess, { commit, events }: EncodedCommit, nowMs: number): CommitRow {
  const { expectedVersion, expectedEventId, idempotencyKey } = commit;
  const known = idempotencyKey === undefined ? undefined : log.eventsOfKey(commit, idempotencyKey);
  // A retry of the commit that the key was stored with, perhaps with more dispatched since, is known by its ids.
  const isRetry = known?.some((stored) => events.some(({ event }) => event.eventId === stored.eventId));
  if (known !== undefined && !isRetry) return answerByKey(known, commit);

  const end = log.end(commit);
  const decision = decideAppend(
    expectedVersion,
    events.map(({ event }) => event.eventId),
    {
      version: end.version,
      eventId: end.eventId,
      idsFrom: (version, count) => log.eventIds(commit, version, count),
      versionOf: (eventId) => log.versionOf(commit, eventId),
    },
    expectedEventId,
  );
  switch (decision.kind) {
    case "conflict":
    case "corrupt_retry":
      return { status: decision.kind, actualVersion: end.version };
    case "duplicate": {
      const stored = log.events(commit, decision.firstVersion, events.length);
      return { status: "duplicate", version: decision.firstVersion + events.length - 1, events: stored };
    }
    case "write": {
      const { firstVersion, skip } = decision;
      const rest = events.slice(skip);
      // Only the rest of a copy that was erased where it comes from may follow what is erased.
      if (end.isErased && rest.some(({ event }) => event.isErased !== true)) throw new EntityErasedError(commit);
      const stored = skip === 0 ? [] : [...log.events(commit, firstVersion, skip)];
      let recordedMs = end.recordedMs;
      for (const [index, encoded] of rest.entries()) {
        const { recordedAt } = encoded.event;
        // Never less than the event before: what was known at an instant must be a beginning of the stream.
        recordedMs = Math.max(recordedMs, recordedAt === undefined ? nowMs : parseInstant(recordedAt, "recordedAt"));
        const isFirst = index === 0 && known === undefined && idempotencyKey !== undefined;
        const event = log.insert(commit, encoded, {
          version: firstVersion + skip + index,
          recordedMs,
          key: isFirst ? { text: idempotencyKey, size: events.length - skip } : undefined,
        });
        if (event === undefined) return { status: "corrupt_retry", actualVersion: end.version };
        stored.push(event);
      }
      return { status: "written", version: firstVersion + events.length - 1, events: stored };
    }
  }
}

function answerByKey(stored: readonly StoredEvent[], commit: EntityCommit): CommitRow {
  const sameNames =
    stored.length === commit.events.length &&
    stored.every((event, index) => event.eventName === commit.events[index]?.eventName);
  return sameNames
    ? { status: "duplicate", version: (stored.at(-1) as StoredEvent).version, events: stored }
    : { status: "key_mismatch" };
}
