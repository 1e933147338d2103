import {
  type EncodedEvent,
  erasedMetadataText,
  type InsertAt,
  insertedEvent,
  type LogAccess,
  type StreamEnd,
  type StreamName,
} from "../../storage/index.ts";
import { formatInstant } from "../../util/instant.ts";
import { readPragma, type SqliteConnection } from "./connection.ts";
import { isDuplicateEventId } from "./driver-errors.ts";
import { findByIdempotencyKey, loadHistory, ofEntity } from "./events.ts";

/** Set in `flags` of an event whose body was stored as its schema put it out. */
const bodyIsOutputFlag = 1;

const selectEnd =
  "SELECT version, event_id AS eventId, event_created_ms AS createdMs, recorded_ms AS recordedMs, erased_at IS NOT NULL AS isErased" +
  ` FROM ventyd_log WHERE ${ofEntity} ORDER BY version DESC LIMIT 1`;
const insertLog =
  "INSERT INTO ventyd_log (entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms," +
  " actor, correlation_id, idempotency_key, idempotency_size, flags, erased_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const insertContent = "INSERT INTO ventyd_content (position, body, metadata) VALUES (?, ?, ?)";

/** The log as deciding and writing sees it, inside a transaction that is open on the connection. */
export function sqliteLog(connection: SqliteConnection): LogAccess {
  return {
    end({ entityName, entityId }) {
      const [end] = connection.all<Omit<StreamEnd, "isErased"> & { isErased: number }>(selectEnd, entityName, entityId);
      return end === undefined
        ? { version: 0, createdMs: 0, recordedMs: 0, isErased: false }
        : { ...end, isErased: end.isErased === 1 };
    },
    events: (stream, firstVersion, count) =>
      loadHistory(connection, { ...stream, afterVersion: firstVersion - 1, version: firstVersion + count - 1 }),
    eventIds: ({ entityName, entityId }, firstVersion, count) =>
      connection
        .all<{ id: string }>(
          `SELECT event_id AS id FROM ventyd_log WHERE ${ofEntity} AND version >= ? ORDER BY version LIMIT ?`,
          entityName,
          entityId,
          firstVersion,
          count,
        )
        .map(({ id }) => id),
    versionOf: ({ entityName, entityId }, eventId) =>
      connection.all<{ version: number }>(
        `SELECT version FROM ventyd_log WHERE ${ofEntity} AND event_id = ?`,
        entityName,
        entityId,
        eventId,
      )[0]?.version,
    eventsOfKey: ({ entityName, entityId }, key) => findByIdempotencyKey(connection, entityName, entityId, key),
    insert: (stream, event, at) => insertEvent(connection, stream, event, at),
    empty: (stream) => overwritingWhatItDeletes(connection, () => emptyContents(connection, stream)),
  };
}

function insertEvent(
  connection: SqliteConnection,
  stream: StreamName,
  { event, createdMs, bodyText, metadataText }: EncodedEvent,
  at: InsertAt,
) {
  const { eventId, eventName, eventCreatedAt, metadata, bodyIsOutput, isErased } = event;
  const { version, recordedMs, key } = at;
  let position: number;
  try {
    position = connection.run(
      insertLog,
      stream.entityName,
      stream.entityId,
      version,
      eventId,
      eventName,
      eventCreatedAt,
      createdMs,
      recordedMs,
      metadata.actor ?? null,
      metadata.correlationId ?? null,
      key?.text ?? null,
      key?.size ?? null,
      bodyIsOutput ? bodyIsOutputFlag : 0,
      isErased ? formatInstant(recordedMs) : null,
    );
  } catch (error) {
    if (isDuplicateEventId(error)) return undefined;
    throw error;
  }
  connection.run(insertContent, position, bodyText, metadataText);
  return insertedEvent(stream, event, at, position);
}

function emptyContents(connection: SqliteConnection, { entityName, entityId }: StreamName): void {
  const positions = `SELECT position FROM ventyd_log WHERE ${ofEntity}`;
  connection.run("INSERT INTO ventyd_maintenance (reason) VALUES ('erasure')");
  connection.run(
    `UPDATE ventyd_log SET erased_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE ${ofEntity}`,
    entityName,
    entityId,
  );
  connection.run(`UPDATE ventyd_content SET body = 'null' WHERE position IN (${positions})`, entityName, entityId);
  const saying = connection.all<{ position: number; metadata: string }>(
    `SELECT position, metadata FROM ventyd_content WHERE metadata IS NOT NULL AND position IN (${positions})`,
    entityName,
    entityId,
  );
  for (const { position, metadata } of saying) {
    connection.run("UPDATE ventyd_content SET metadata = ? WHERE position = ?", erasedMetadataText(metadata), position);
  }
  connection.run(`DELETE FROM ventyd_snapshots WHERE ${ofEntity}`, entityName, entityId);
  connection.run("DELETE FROM ventyd_maintenance");
}

/** Runs an erasure so that what it deletes is overwritten in the file, not only unlinked; the journal keeps it until its next checkpoint. */
function overwritingWhatItDeletes(connection: SqliteConnection, work: () => void): void {
  const before = readPragma(connection, "secure_delete");
  connection.exec("PRAGMA secure_delete = ON");
  try {
    work();
  } finally {
    connection.exec(`PRAGMA secure_delete = ${before}`);
  }
}
