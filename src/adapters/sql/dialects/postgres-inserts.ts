import { erasedMetadataText, type StreamName } from "../../../storage/index.ts";
import { formatInstant } from "../../../util/instant.ts";
import type { SqlConnection } from "../executor.ts";
import type { PendingInsert } from "../gathered-log.ts";
import type { TableNames } from "../migrations/postgres.ts";
import { bodyIsOutputFlag, number, ofEntity } from "./postgres-rows.ts";

/** The narrow rows first, which draw the positions, then what stands beside them, then the ends of the entities: one statement. */
export async function insertEvents(connection: SqlConnection, t: TableNames, inserts: readonly PendingInsert[]) {
  const column = <T extends string | number | null>(value: (insert: PendingInsert) => T) => inserts.map(value);
  const rows = await connection.execute<{ id: string; position: string | number }>(
    `WITH given AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::text[], $10::text[],
         $11::text[], $12::int[], $13::int[], $14::text[], $15::text[], $16::text[]) WITH ORDINALITY
         AS g (entity_name, entity_id, version, event_id, event_name, created_at, created_ms, recorded_ms, actor, correlation_id, key, key_size, flags, erased_at, body, metadata, n)
     ), logged AS (
       INSERT INTO ${t.log} (entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms,
         actor, correlation_id, idempotency_key, idempotency_size, flags, erased_at)
       SELECT entity_name, entity_id, version, event_id, event_name, created_at, created_ms, recorded_ms, actor, correlation_id, key, key_size, flags, erased_at
       FROM given ORDER BY n
       RETURNING position, event_id
     ), kept AS (
       INSERT INTO ${t.content} (position, body, metadata)
       SELECT position, body, metadata FROM logged JOIN given USING (event_id)
     ), ended AS (
       UPDATE ${t.entities} e SET version = g.version, event_id = g.event_id, created_ms = g.created_ms, recorded_ms = g.recorded_ms,
         is_erased = e.is_erased OR g.erased_at IS NOT NULL
       FROM (SELECT DISTINCT ON (entity_name, entity_id) * FROM given ORDER BY entity_name, entity_id, n DESC) g
       WHERE e.tenant = '' AND e.entity_name = g.entity_name AND e.entity_id = g.entity_id
     )
     SELECT event_id AS id, ${t.ahead}(position, (SELECT position FROM ${t.frontier})) AS position FROM logged`,
    [
      column(({ stream }) => stream.entityName),
      column(({ stream }) => stream.entityId),
      column(({ at }) => at.version),
      column(({ encoded }) => encoded.event.eventId),
      column(({ encoded }) => encoded.event.eventName),
      column(({ encoded }) => encoded.event.eventCreatedAt),
      column(({ encoded }) => encoded.createdMs),
      column(({ at }) => at.recordedMs),
      column(({ encoded }) => encoded.event.metadata.actor ?? null),
      column(({ encoded }) => encoded.event.metadata.correlationId ?? null),
      column(({ at }) => at.key?.text ?? null),
      column(({ at }) => at.key?.size ?? null),
      column(({ encoded }) => (encoded.event.bodyIsOutput ? bodyIsOutputFlag : 0)),
      column(({ isErased, at }) => (isErased ? formatInstant(at.recordedMs) : null)),
      column(({ bodyText }) => bodyText),
      column(({ metadataText }) => metadataText),
    ],
  );
  const positions = new Map(rows.map(({ id, position }) => [id, number(position)]));
  for (const { answer } of inserts) answer.position = positions.get(answer.eventId) as number;
}

export async function emptyContents(connection: SqlConnection, t: TableNames, { entityName, entityId }: StreamName) {
  const stream = [entityName, entityId];
  const positions = `SELECT l.position FROM ${t.log} l WHERE ${ofEntity}`;
  await connection.execute("SELECT set_config('ventyd.maintenance', 'erasure', true)");
  await connection.execute(
    `UPDATE ${t.log} l SET erased_at = to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') WHERE ${ofEntity}`,
    stream,
  );
  await connection.execute(`UPDATE ${t.content} SET body = 'null' WHERE position IN (${positions})`, stream);
  const saying = await connection.execute<{ position: string | number; metadata: string }>(
    `SELECT position, metadata FROM ${t.content} WHERE metadata IS NOT NULL AND position IN (${positions})`,
    stream,
  );
  for (const { position, metadata } of saying) {
    const sql = `UPDATE ${t.content} SET metadata = $2 WHERE position = $1`;
    await connection.execute(sql, [number(position), erasedMetadataText(metadata)]);
  }
  await connection.execute(`DELETE FROM ${t.snapshots} l WHERE ${ofEntity}`, stream);
  await connection.execute(`UPDATE ${t.entities} l SET is_erased = true WHERE ${ofEntity}`, stream);
  await connection.execute("SELECT set_config('ventyd.maintenance', '', true)");
}
