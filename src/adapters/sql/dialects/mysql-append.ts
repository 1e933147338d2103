import type { StoredEvent } from "../../../schema/event.ts";
import { type EncodedCommit, type EncodedEvent, insertedEvent } from "../../../storage/index.ts";
import type { SqlConnection, SqlValue } from "../executor.ts";
import { nameOf } from "../gathered-log.ts";
import type { MysqlTableNames } from "../migrations/mysql.ts";
import { bodyIsOutputFlag, nowMs, one, type Row, text } from "./mysql-rows.ts";

/** One event in one statement: in the server, a procedure. */
export async function appendOne(
  connection: SqlConnection,
  t: MysqlTableNames,
  { commit, events }: EncodedCommit,
  nowMs: number | undefined,
): Promise<readonly StoredEvent[] | undefined> {
  const [{ event, createdMs, bodyText, metadataText }] = events as readonly [EncodedEvent];
  const version = commit.expectedVersion as number;
  const { position, recordedMs } = await one(
    connection,
    `CALL ${t.append}(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      commit.entityName,
      commit.entityId,
      version,
      commit.expectedEventId ?? null,
      nowMs ?? null,
      event.eventId,
      event.eventName,
      event.eventCreatedAt,
      createdMs,
      event.metadata.actor ?? null,
      event.metadata.correlationId ?? null,
      commit.idempotencyKey ?? null,
      event.bodyIsOutput ? bodyIsOutputFlag : 0,
      bodyText,
      metadataText,
    ],
  );
  if (position === null) return undefined;
  return [insertedEvent(commit, event, { version: version + 1, recordedMs: Number(recordedMs) }, Number(position))];
}

/**
 * Several commits in one statement, which MariaDB knows and MySQL does not: a block of them. All or nothing.
 *
 * @returns `undefined` where an entity has moved meanwhile, or is held by somebody: nothing was written.
 */
export async function appendAll(
  connection: SqlConnection,
  t: MysqlTableNames,
  commits: readonly EncodedCommit[],
  given: number | undefined,
): Promise<readonly (readonly StoredEvent[])[] | undefined> {
  const params: SqlValue[] = [];
  /** A row of parameters. */
  const row = (...values: SqlValue[]) => {
    params.push(...values);
    return `(${values.map(() => "?").join(", ")})`;
  };
  const rows = <T>(values: readonly T[], write: (value: T) => string) => values.map(write).join(", ");
  const sorted = commits.toSorted((a, b) => (nameOf(a.commit) < nameOf(b.commit) ? -1 : 1));
  const fresh = sorted.filter(({ commit }) => commit.expectedVersion === 0);
  const events = commits.flatMap(({ commit, events }) =>
    events.map((encoded, index) => ({ commit, encoded, index, size: events.length })),
  );
  const version = ({ expectedVersion }: { readonly expectedVersion: number | "any" }) => expectedVersion as number;
  const sql = [
    "BEGIN NOT ATOMIC DECLARE found int; DECLARE now_ms bigint DEFAULT",
    given === undefined ? nowMs : `0 + ${given}`,
    `; DECLARE before_wait bigint DEFAULT @@SESSION.innodb_lock_wait_timeout;
     DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN
       ROLLBACK; SET SESSION innodb_lock_wait_timeout = before_wait; RESIGNAL;
     END;
     SET SESSION innodb_lock_wait_timeout = 1; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION;`,
    fresh.length > 0 &&
      `INSERT INTO ${t.entities} (entity_name, entity_id, version, created_ms, recorded_ms)
       VALUES ${rows(fresh, ({ commit }) => row(commit.entityName, commit.entityId, 0, 0, 0))} ON DUPLICATE KEY UPDATE version = version;`,
    "SELECT count(*) FROM (",
    sorted
      .map(({ commit }) => {
        params.push(commit.entityName, commit.entityId, version(commit), commit.expectedEventId ?? null);
        return "SELECT ? AS name, ? AS id, ? AS version, ? AS stands_on";
      })
      .join(" UNION ALL "),
    `) s STRAIGHT_JOIN ${t.entities} e ON e.tenant = '' AND e.entity_name = s.name AND e.entity_id = s.id AND e.version = s.version AND e.is_erased = 0
       AND (s.stands_on IS NULL OR e.event_id = s.stands_on) FOR UPDATE SKIP LOCKED INTO found;
     IF found = ${commits.length} THEN
       INSERT INTO ${t.entities} (entity_name, entity_id, version, event_id, created_ms, recorded_ms) VALUES`,
    rows(sorted, ({ commit, events }) => {
      const last = events.at(-1) as EncodedEvent;
      const end = version(commit) + events.length;
      return row(commit.entityName, commit.entityId, end, last.event.eventId, last.createdMs, 0);
    }),
    `ON DUPLICATE KEY UPDATE version = VALUES(version), event_id = VALUES(event_id), created_ms = VALUES(created_ms), recorded_ms = greatest(recorded_ms, now_ms);
     INSERT INTO ${t.log} (entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, actor, correlation_id,
       idempotency_key, idempotency_size, flags, recorded_ms) VALUES`,
    rows(events, ({ commit, encoded: { event, createdMs }, index, size }) => {
      const key = index === 0 ? (commit.idempotencyKey ?? null) : null;
      const narrow = row(
        commit.entityName,
        commit.entityId,
        version(commit) + index + 1,
        event.eventId,
        event.eventName,
        event.eventCreatedAt,
        createdMs,
        event.metadata.actor ?? null,
        event.metadata.correlationId ?? null,
        key,
        key === null ? null : size,
        event.bodyIsOutput ? bodyIsOutputFlag : 0,
      );
      params.push(commit.entityName, commit.entityId);
      const recorded = `(SELECT recorded_ms FROM ${t.entities} WHERE tenant = '' AND entity_name = ? AND entity_id = ?)`;
      return `${narrow.slice(0, -1)}, ${recorded})`;
    }),
    `RETURNING event_id AS id, position, recorded_ms AS recordedMs;
     IF LAST_INSERT_ID() <= (SELECT position FROM ${t.frontier} WHERE id = 1) THEN
       SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ventyd: a position is not above the frontier';
     END IF;
     INSERT INTO ${t.content} (position, body, metadata) VALUES`,
    rows(events, ({ encoded: { event, bodyText, metadataText } }) => {
      params.push(event.eventId, bodyText, metadataText);
      return `((SELECT position FROM ${t.log} WHERE event_id = ?), ?, ?)`;
    }),
    "; COMMIT; ELSE ROLLBACK; END IF; SET SESSION innodb_lock_wait_timeout = before_wait; END",
  ];
  const answers = await connection.execute<Row>(sql.filter((part) => part !== false).join(" "), params);
  if (answers.length === 0) return undefined;
  const byId = new Map(answers.map((answer) => [text(answer.id), answer]));
  return commits.map(({ commit, events }) =>
    events.map(({ event }, index) => {
      const { position, recordedMs } = byId.get(event.eventId) as Row;
      const at = { version: version(commit) + index + 1, recordedMs: Number(recordedMs) };
      return insertedEvent(commit, event, at, Number(position));
    }),
  );
}
