import { type EncodedEvent, erasedMetadataText, type InsertAt, type StreamName } from "../../../storage/index.ts";
import { formatInstant } from "../../../util/instant.ts";
import { ofEntity } from "./sqlite-reads.ts";
import { pragma, rows, run, type SqliteValue, type Steps, set } from "./sqlite-steps.ts";

/** Takes the write lock, if the transaction has not got it, and changes nothing. */
export const beginToWrite = "DELETE FROM ventyd_maintenance WHERE 0";

/** Set in `flags` of an event whose body was stored as its schema put it out. */
const bodyIsOutputFlag = 1;

const logColumns =
  "entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms," +
  " actor, correlation_id, idempotency_key, idempotency_size, flags, erased_at";

/** Inserts so many rows into the log; takes the values of each. */
export const insertIntoLog = (count: number) =>
  `INSERT INTO ventyd_log (${logColumns}) VALUES ${tuples(count, "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")}`;

/** Inserts what stands beside so many rows of the log; takes position, body and metadata of each. */
export const insertContents = (count: number) =>
  `INSERT INTO ventyd_content (position, body, metadata) VALUES ${tuples(count, "(?, ?, ?)")}`;

const tuples = (count: number, tuple: string) => Array(count).fill(tuple).join(", ");

/** The values of a row of the log. */
export function logValues(
  { entityName, entityId }: StreamName,
  { event, createdMs }: EncodedEvent,
  { version, recordedMs, key }: InsertAt,
  isErased: boolean,
): SqliteValue[] {
  const { eventId, eventName, eventCreatedAt, metadata, bodyIsOutput } = event;
  return [
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
    key?.text ?? null,
    key?.size ?? null,
    bodyIsOutput ? bodyIsOutputFlag : 0,
    isErased ? formatInstant(recordedMs) : null,
  ];
}

/**
 * Erases the contents of all events of an entity, and deletes its snapshots, so that what is deleted is overwritten in the file, not only unlinked; the
 * journal keeps it until its next checkpoint.
 */
export function* emptyContents(stream: StreamName): Steps<void> {
  const before = yield* pragma("secure_delete");
  yield* set("PRAGMA secure_delete = ON");
  try {
    yield* empty(stream);
  } finally {
    yield* set(`PRAGMA secure_delete = ${before}`);
  }
}

function* empty({ entityName, entityId }: StreamName): Steps<void> {
  const positions = `SELECT position FROM ventyd_log WHERE ${ofEntity}`;
  yield* run("INSERT INTO ventyd_maintenance (reason) VALUES ('erasure')");
  const erasedAt = "erased_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
  yield* run(`UPDATE ventyd_log SET ${erasedAt} WHERE ${ofEntity}`, entityName, entityId);
  yield* run(`UPDATE ventyd_content SET body = 'null' WHERE position IN (${positions})`, entityName, entityId);
  const saying = yield* rows<{ position: number | bigint; metadata: string }>(
    `SELECT position, metadata FROM ventyd_content WHERE metadata IS NOT NULL AND position IN (${positions})`,
    entityName,
    entityId,
  );
  for (const { position, metadata } of saying) {
    const sql = "UPDATE ventyd_content SET metadata = ? WHERE position = ?";
    yield* run(sql, erasedMetadataText(metadata), Number(position));
  }
  yield* run(`DELETE FROM ventyd_snapshots WHERE ${ofEntity}`, entityName, entityId);
  yield* run("DELETE FROM ventyd_maintenance");
}
