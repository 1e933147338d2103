import { SerializationError } from "../../../errors/index.ts";
import { type EncodedEvent, erasedMetadataText, type StreamName } from "../../../storage/index.ts";
import { formatInstant } from "../../../util/instant.ts";
import type { SqlConnection } from "../executor.ts";
import { nameOf, type PendingInsert } from "../gathered-log.ts";
import type { MysqlTableNames } from "../migrations/mysql.ts";
import { insertInto, isBehindFrontier } from "../mysql-positions.ts";
import { RefusedInsert, refusedInsert } from "./mysql-errors.ts";
import { bodyIsOutputFlag, chunks, ofEntity, one, type Row, text } from "./mysql-rows.ts";

/** How many events one statement writes, and how many characters of their bodies. */
const mostEvents = 500;
export const mostText = 64 * 1024;

/** The narrow rows first, which draw the positions, then what stands beside them, then the ends of the entities. */
export async function insertEvents(connection: SqlConnection, t: MysqlTableNames, inserts: readonly PendingInsert[]) {
  const positions = new Map<string, number>();
  for (const some of chunks(inserts, mostEvents)) {
    for (const { id, position } of await insertNarrow(connection, t, some)) positions.set(text(id), Number(position));
  }
  if (await isBehindFrontier(connection, t, Math.min(...positions.values())))
    throw new RefusedInsert("behind_frontier");
  for (const { answer } of inserts) answer.position = positions.get(answer.eventId) as number;
  for (const some of byText(inserts)) await insertContent(connection, t, some);
  const last = new Map(inserts.map((insert) => [nameOf(insert.stream), insert]));
  for (const some of chunks([...last.values()], mostEvents)) {
    // All of them are there: they have been locked.
    await connection.execute(
      `INSERT INTO ${t.entities} (entity_name, entity_id, version, event_id, created_ms, recorded_ms, is_erased)
       VALUES ${some.map(() => "(?, ?, ?, ?, ?, ?, ?)").join(", ")}
       ON DUPLICATE KEY UPDATE version = VALUES(version), event_id = VALUES(event_id), created_ms = VALUES(created_ms),
         recorded_ms = VALUES(recorded_ms), is_erased = is_erased OR VALUES(is_erased)`,
      some.flatMap(({ stream, at, encoded, isErased }) => [
        stream.entityName,
        stream.entityId,
        at.version,
        encoded.event.eventId,
        encoded.createdMs,
        at.recordedMs,
        isErased ? 1 : 0,
      ]),
    );
  }
}

async function insertNarrow(connection: SqlConnection, t: MysqlTableNames, inserts: readonly PendingInsert[]) {
  const answered = "event_id AS id, position";
  const ids = inserts.map(({ encoded }) => encoded.event.eventId);
  const returned = await connection
    .execute<Row>(
      // Each row by itself as VALUES: what is inserted from a SELECT draws more positions than it needs.
      `${insertInto} ${t.log} (entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms,
         actor, correlation_id, idempotency_key, idempotency_size, flags, erased_at)
       VALUES ${inserts.map(() => "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").join(", ")} /*M! RETURNING ${answered} */`,
      inserts.flatMap(({ stream, at, encoded: { event, createdMs }, isErased }) => [
        stream.entityName,
        stream.entityId,
        at.version,
        event.eventId,
        event.eventName,
        event.eventCreatedAt,
        createdMs,
        at.recordedMs,
        event.metadata.actor ?? null,
        event.metadata.correlationId ?? null,
        at.key?.text ?? null,
        at.key?.size ?? null,
        event.bodyIsOutput ? bodyIsOutputFlag : 0,
        isErased ? formatInstant(at.recordedMs) : null,
      ]),
    )
    .catch((error) => {
      throw refusedInsert(error) ?? error;
    });
  if (returned.length > 0) return returned;
  return connection.execute<Row>(
    `SELECT ${answered} FROM ${t.log} WHERE event_id IN (${ids.map(() => "?").join(", ")})`,
    ids,
  );
}

/** Inserts whose texts are small enough together for one statement, and the large ones each by itself. */
function* byText(inserts: readonly PendingInsert[]): Generator<readonly PendingInsert[]> {
  let some: PendingInsert[] = [];
  let size = 0;
  for (const insert of inserts) {
    const more = textLength(insert);
    if (some.length > 0 && (size + more > mostText || some.length === mostEvents)) {
      yield some;
      [some, size] = [[], 0];
    }
    some.push(insert);
    size += more;
  }
  yield some;
}

export function textLength({ bodyText, metadataText }: Pick<EncodedEvent, "bodyText" | "metadataText">): number {
  return bodyText.length + (metadataText?.length ?? 0);
}

async function insertContent(connection: SqlConnection, t: MysqlTableNames, inserts: readonly PendingInsert[]) {
  const [{ encoded, stream }] = inserts as readonly [PendingInsert];
  const what = `the event "${encoded.event.eventName}" of ${stream.entityName} "${stream.entityId}"`;
  await assertFits(
    connection,
    what,
    inserts.reduce((sum, insert) => sum + textLength(insert), 0),
  );
  await connection.execute(
    `INSERT INTO ${t.content} (position, body, metadata) VALUES ${inserts.map(() => "(?, ?, ?)").join(", ")}`,
    inserts.flatMap(({ answer, bodyText, metadataText }) => [answer.position, bodyText, metadataText]),
  );
}

/** What a server takes whose settings nobody has looked at: 4 MiB is the least that was ever the default. */
export const surelyFits = 1024 * 1024;

/** @throws {SerializationError} `body_too_large`: a larger statement would cost the connection, and look like a server that is gone. */
export async function assertFits(connection: SqlConnection, what: string, characters: number): Promise<void> {
  if (characters <= surelyFits) return;
  const limit = Number((await one(connection, "SELECT @@max_allowed_packet AS bytes")).bytes);
  // A character of a JavaScript string is three bytes at most; most texts have one each.
  if (characters + 4096 <= limit) return;
  throw new SerializationError(
    "body_too_large",
    `Body too large: ${what} does not fit into one statement, of which the server takes ${limit} bytes. Raise max_allowed_packet of the server.`,
  );
}

export async function emptyContents(
  connection: SqlConnection,
  t: MysqlTableNames,
  { entityName, entityId }: StreamName,
) {
  const stream = [entityName, entityId];
  const logged = `${t.log} l JOIN ${t.content} c ON c.position = l.position`;
  await connection.execute("SET @ventyd_maintenance = 'erasure'");
  try {
    await connection.execute(
      `UPDATE ${logged} SET l.erased_at = CONCAT(LEFT(DATE_FORMAT(UTC_TIMESTAMP(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), c.body = 'null' WHERE ${ofEntity}`,
      stream,
    );
    const saying = await connection.execute<Row>(
      `SELECT l.position, CAST(c.metadata AS BINARY) AS metadata FROM ${logged} WHERE ${ofEntity} AND c.metadata IS NOT NULL FOR UPDATE`,
      stream,
    );
    for (const { position, metadata } of saying) {
      const sql = `UPDATE ${t.content} SET metadata = ? WHERE position = ?`;
      await connection.execute(sql, [erasedMetadataText(text(metadata)), Number(position)]);
    }
  } finally {
    await connection.execute("SET @ventyd_maintenance = NULL");
  }
  const ofName = "tenant = '' AND entity_name = ? AND entity_id = ?";
  await connection.execute(`DELETE FROM ${t.snapshots} WHERE ${ofName}`, stream);
  await connection.execute(`UPDATE ${t.entities} SET is_erased = 1 WHERE ${ofName}`, stream);
}
