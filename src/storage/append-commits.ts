import { splitMetadata } from "../attribution/metadata.ts";
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
  /** Erases the contents of all events of an entity, and deletes its snapshots. */
  empty(stream: StreamName): void;
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
  const halfKnown = refuseHalfKnown(log, commits);
  if (halfKnown !== undefined) return { value: halfKnown, keep: false };
  const rows: CommitRow[] = [];
  let refused = false;
  for (const encoded of commits) {
    const row: CommitRow = refused ? { status: "held_back" } : appendCommit(log, encoded, nowMs);
    refused ||= row.status !== "written" && row.status !== "duplicate";
    rows.push(row);
  }
  if (!refused) return { value: rows, keep: true };
  return { value: withoutWritten(rows), keep: false };
}

/** The rows of a transaction that is taken back: what it has written is not stored, nor is what repeats it. */
function withoutWritten(rows: readonly CommitRow[]): readonly CommitRow[] {
  const written = new Set(
    rows.flatMap((row) => (row.status === "written" ? row.events.map(({ eventId }) => eventId) : [])),
  );
  return rows.map((row) =>
    "events" in row && row.events.some(({ eventId }) => written.has(eventId)) ? { status: "held_back" } : row,
  );
}

/** Commits of several entities under one key are one command: all of it was stored before, or nothing. */
function refuseHalfKnown(log: LogAccess, commits: readonly EncodedCommit[]): readonly CommitRow[] | undefined {
  const keyed = commits.filter(({ commit }) => commit.idempotencyKey !== undefined);
  if (keyed.length < 2) return undefined;
  const known = new Set(keyed.filter((encoded) => eventsOfCommand(log, encoded) !== undefined));
  if (known.size === 0 || known.size === keyed.length) return undefined;
  return commits.map((encoded) => ({ status: known.has(encoded) ? "key_mismatch" : "held_back" }));
}

/** What is stored under a commit's key; not where this is a retry of it. */
function eventsOfCommand(log: LogAccess, encoded: EncodedCommit): readonly StoredEvent[] | undefined {
  const stored = eventsOfKey(log, encoded);
  return stored !== undefined && isRetryOf(stored, encoded) ? undefined : stored;
}

function eventsOfKey(log: LogAccess, { commit }: EncodedCommit): readonly StoredEvent[] | undefined {
  return commit.idempotencyKey === undefined ? undefined : log.eventsOfKey(commit, commit.idempotencyKey);
}

/** A retry of the commit that the key was stored with, perhaps with more dispatched since, is known by its ids. */
function isRetryOf(stored: readonly StoredEvent[], { events }: EncodedCommit): boolean {
  return stored.some(({ eventId }) => events.some(({ event }) => event.eventId === eventId));
}

function appendCommit(log: LogAccess, encoded: EncodedCommit, nowMs: number): CommitRow {
  const { commit, events } = encoded;
  const known = eventsOfKey(log, encoded);
  if (known !== undefined && !isRetryOf(known, encoded)) return answerByKey(known, commit);
  // What was erased where it comes from is erased here too, also what came over before that; once, for its events may come one by one.
  const isErasing = events.some(({ event }) => event.isErased) && !(events.every(isEmpty) && log.end(commit).isErased);
  const row = decideAndWrite(log, encoded, nowMs, known === undefined);
  if (isErasing && "events" in row) log.empty(commit);
  return row;
}

/** Whether an erasure would leave the event as it is. */
function isEmpty({ event: { body, metadata } }: EncodedEvent): boolean {
  return body === null && Object.keys(splitMetadata(metadata).custom).length === 0;
}

/** @param isKeyFree whether nothing is stored under the commit's key: it stays with what it was stored with, also while that is completed. */
function decideAndWrite(
  log: LogAccess,
  { commit, events }: EncodedCommit,
  nowMs: number,
  isKeyFree: boolean,
): CommitRow {
  const { expectedVersion, expectedEventId, idempotencyKey } = commit;

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
        // Never less than the event before, for what was known at an instant must be a beginning of the stream; and never after now, or nothing
        // that comes later could say when it was known.
        const given = recordedAt === undefined ? nowMs : Math.min(parseInstant(recordedAt, "recordedAt"), nowMs);
        recordedMs = Math.max(recordedMs, given);
        const isFirst = index === 0 && idempotencyKey !== undefined && isKeyFree;
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
