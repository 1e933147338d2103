import { SerializationError } from "../../errors/index.ts";
import type { StoredEvent } from "../../schema/event.ts";
import { type CommitRow, decideAppend, type EntityCommit, type NewEvent } from "../../storage/index.ts";
import { formatInstant, parseInstant } from "../../util/instant.ts";
import type { SqliteConnection } from "./connection.ts";
import { isDuplicateEventId } from "./driver-errors.ts";
import { findByIdempotencyKey, loadHistory, ofEntity } from "./events.ts";
import type { WorkResult } from "./writer.ts";

/** Set in `flags` of an event whose body was stored as its schema put it out. */
const bodyIsOutputFlag = 1;

/** An event on its way in, its JSON written. */
interface EncodedEvent {
  readonly event: NewEvent;
  readonly createdMs: number;
  readonly bodyText: string;
  /** What has no column of its own. */
  readonly metadataText: string | null;
}

/** A commit on its way in. */
export interface EncodedCommit {
  readonly commit: EntityCommit;
  readonly events: readonly EncodedEvent[];
}

/** @throws {SerializationError} `body_too_large`. */
export function encodeCommit(commit: EntityCommit, maxBodyBytes: number): EncodedCommit {
  const events = commit.events.map((event) => {
    const bodyText = JSON.stringify(event.body);
    // UTF-8 needs at most three bytes for what is one unit of a JavaScript string.
    if (bodyText.length * 3 > maxBodyBytes) {
      const bytes = Buffer.byteLength(bodyText);
      if (bytes > maxBodyBytes) {
        throw new SerializationError(
          "body_too_large",
          `Body too large: that of "${event.eventName}" has ${bytes} bytes, the limit is ${maxBodyBytes}. ` +
            "Keep large files elsewhere and their address in the event, or raise maxBodyBytes.",
        );
      }
    }
    const { actor, correlationId, ...rest } = event.metadata;
    return {
      event,
      createdMs: parseInstant(event.eventCreatedAt, "eventCreatedAt"),
      bodyText,
      metadataText: Object.keys(rest).length === 0 ? null : JSON.stringify(rest),
    };
  });
  return { commit, events };
}

/** Decides and writes commits inside a transaction that is open. When one is refused, the transaction must be taken back. */
export function appendCommits(
  connection: SqliteConnection,
  commits: readonly EncodedCommit[],
  nowMs: number,
): WorkResult<readonly CommitRow[]> {
  const rows: CommitRow[] = [];
  let refused = false;
  for (const encoded of commits) {
    const row: CommitRow = refused ? { status: "held_back" } : appendCommit(connection, encoded, nowMs);
    refused ||= row.status !== "written" && row.status !== "duplicate";
    rows.push(row);
  }
  if (!refused) return { value: rows, keep: true };
  return { value: rows.map((row) => (row.status === "written" ? { status: "held_back" } : row)), keep: false };
}

function appendCommit(connection: SqliteConnection, { commit, events }: EncodedCommit, nowMs: number): CommitRow {
  const { entityName, entityId, expectedVersion, expectedEventId, idempotencyKey } = commit;
  const known =
    idempotencyKey === undefined ? undefined : findByIdempotencyKey(connection, entityName, entityId, idempotencyKey);
  // A retry of the commit that the key was stored with, perhaps with more dispatched since, is known by its ids.
  const isRetry = known?.some((stored) => events.some(({ event }) => event.eventId === stored.eventId));
  if (known !== undefined && !isRetry) return answerByKey(known, commit);

  const head = connection.all<{ version: number; eventId?: string; recordedMs: number }>(
    `SELECT version, event_id AS eventId, recorded_ms AS recordedMs FROM ventyd_log WHERE ${ofEntity} ORDER BY version DESC LIMIT 1`,
    entityName,
    entityId,
  )[0] ?? { version: 0, recordedMs: 0 };
  const decision = decideAppend(
    expectedVersion,
    events.map(({ event }) => event.eventId),
    {
      version: head.version,
      eventId: head.eventId,
      idsFrom: (version, count) =>
        connection
          .all<{ id: string }>(
            `SELECT event_id AS id FROM ventyd_log WHERE ${ofEntity} AND version >= ? ORDER BY version LIMIT ?`,
            entityName,
            entityId,
            version,
            count,
          )
          .map(({ id }) => id),
      versionOf: (eventId) =>
        connection.all<{ version: number }>(
          `SELECT version FROM ventyd_log WHERE ${ofEntity} AND event_id = ?`,
          entityName,
          entityId,
          eventId,
        )[0]?.version,
    },
    expectedEventId,
  );

  switch (decision.kind) {
    case "conflict":
    case "corrupt_retry":
      return { status: decision.kind, actualVersion: head.version };
    case "duplicate": {
      const stored = loadStored(connection, commit, decision.firstVersion, events.length);
      return { status: "duplicate", version: decision.firstVersion + events.length - 1, events: stored };
    }
    case "write": {
      const recordedMs = Math.max(nowMs, head.recordedMs);
      const before = decision.skip === 0 ? [] : loadStored(connection, commit, decision.firstVersion, decision.skip);
      const firstVersion = decision.firstVersion + decision.skip;
      try {
        const rest = events.slice(decision.skip);
        const key = known === undefined ? idempotencyKey : undefined;
        const written = rest.map((encoded, index) =>
          insertEvent(connection, commit, encoded, firstVersion + index, recordedMs, {
            key: index === 0 ? key : undefined,
            size: rest.length,
          }),
        );
        return { status: "written", version: firstVersion + written.length - 1, events: [...before, ...written] };
      } catch (error) {
        if (isDuplicateEventId(error)) return { status: "corrupt_retry", actualVersion: head.version };
        throw error;
      }
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

function insertEvent(
  connection: SqliteConnection,
  { entityName, entityId }: EntityCommit,
  { event, createdMs, bodyText, metadataText }: EncodedEvent,
  version: number,
  recordedMs: number,
  { key, size }: { readonly key: string | undefined; readonly size: number },
): StoredEvent {
  const { eventId, eventName, eventCreatedAt, body, metadata, bodyIsOutput } = event;
  const position = connection.run(
    "INSERT INTO ventyd_log (entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms," +
      " actor, correlation_id, idempotency_key, idempotency_size, flags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    entityName,
    entityId,
    version,
    eventId,
    eventName,
    eventCreatedAt,
    createdMs,
    recordedMs,
    metadata.actor ?? null,
    metadata.correlationId ?? null,
    key ?? null,
    key === undefined ? null : size,
    bodyIsOutput ? bodyIsOutputFlag : 0,
  );
  connection.run(
    "INSERT INTO ventyd_content (position, body, metadata) VALUES (?, ?, ?)",
    position,
    bodyText,
    metadataText,
  );
  return {
    eventId,
    eventCreatedAt,
    eventName,
    entityId,
    entityName,
    version,
    body,
    metadata,
    position,
    recordedAt: formatInstant(recordedMs),
  };
}

function loadStored(
  connection: SqliteConnection,
  { entityName, entityId }: EntityCommit,
  firstVersion: number,
  count: number,
): StoredEvent[] {
  return loadHistory(connection, {
    entityName,
    entityId,
    afterVersion: firstVersion - 1,
    version: firstVersion + count - 1,
  });
}
