import {
  type EncodedEvent,
  type InsertAt,
  insertedEvent,
  type LogAccess,
  type StreamEnd,
  type StreamName,
} from "../../storage/index.ts";
import { type EndRow, eventsOfKey, loadHistory, ofEntity, readEnd, selectEnd } from "../sql/dialects/sqlite-reads.ts";
import { emptyContents, insertContents, insertIntoLog, logValues } from "../sql/dialects/sqlite-writes.ts";
import { type SqliteConnection, take } from "./connection.ts";
import { isDuplicateEventId } from "./driver-errors.ts";

const insertLog = insertIntoLog(1);
const insertContent = insertContents(1);
const noEnd: StreamEnd = { version: 0, createdMs: 0, recordedMs: 0, isErased: false };

/** The log as deciding and writing sees it, inside a transaction that is open on the connection. */
export function sqliteLog(connection: SqliteConnection): LogAccess {
  return {
    end({ entityName, entityId }) {
      const [end] = connection.all<EndRow>(selectEnd, entityName, entityId);
      return end === undefined ? noEnd : readEnd(end);
    },
    events: (stream, firstVersion, count) =>
      take(connection, loadHistory({ ...stream, afterVersion: firstVersion - 1, version: firstVersion + count - 1 })),
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
    eventsOfKey: (stream, key) => take(connection, eventsOfKey(stream, key)),
    insert: (stream, event, at) => insertEvent(connection, stream, event, at),
    empty: (stream) => take(connection, emptyContents(stream)),
  };
}

function insertEvent(connection: SqliteConnection, stream: StreamName, encoded: EncodedEvent, at: InsertAt) {
  const { event, bodyText, metadataText } = encoded;
  let position: number;
  try {
    position = connection.run(insertLog, ...logValues(stream, encoded, at, event.isErased === true));
  } catch (error) {
    if (isDuplicateEventId(error)) return undefined;
    throw error;
  }
  connection.run(insertContent, position, bodyText, metadataText);
  return insertedEvent(stream, event, at, position);
}
