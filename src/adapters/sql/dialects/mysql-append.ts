import type { StoredEvent } from "../../../schema/event.ts";
import { type EncodedCommit, type EncodedEvent, insertedEvent } from "../../../storage/index.ts";
import type { SqlConnection, SqlValue } from "../executor.ts";
import { nameOf } from "../gathered-log.ts";
import type { MysqlTableNames } from "../migrations/mysql.ts";
import { shortestWait } from "../mysql-limits.ts";
import { insertInto, refuseBehindFrontier } from "../mysql-positions.ts";
import { bodyIsOutputFlag, nowMs, one, type Row } from "./mysql-rows.ts";

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
  const rows = <T>(values: readonly T[], write: (value: T, index: number) => string) => values.map(write).join(", ");
  const sorted = commits.toSorted((a, b) => (nameOf(a.commit) < nameOf(b.commit) ? -1 : 1));
  const fresh = sorted.filter(({ commit }) => commit.expectedVersion === 0);
  const known = sorted.filter(({ commit }) => commit.expectedVersion !== 0);
  const events = commits.flatMap(({ commit, events }) =>
    events.map((encoded, index) => ({ commit, encoded, index, size: events.length })),
  );
  const lastId = events.at(-1)?.encoded.event.eventId as string;
  const version = ({ expectedVersion }: { readonly expectedVersion: number | "any" }) => expectedVersion as number;
  /** Moves the ends of entities; those that are there already must be locked. */
  const moveEnds = (some: readonly EncodedCommit[], clause = "") =>
    `INSERT INTO ${t.entities} (recorded_ms, entity_name, entity_id, version, event_id, created_ms) VALUES ` +
    rows(some, ({ commit, events }) => {
      const { event, createdMs } = events.at(-1) as EncodedEvent;
      const end = version(commit) + events.length;
      return `(recorded, ${row(commit.entityName, commit.entityId, end, event.eventId, createdMs).slice(1)}`;
    }) +
    `${clause};`;
  const sql = [
    "BEGIN NOT ATOMIC DECLARE found, first, last, noted bigint; DECLARE recorded bigint DEFAULT",
    given === undefined ? nowMs : `0 + ${given}`,
    `; DECLARE before_wait bigint DEFAULT @@SESSION.innodb_lock_wait_timeout;
     DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN
       ROLLBACK; SET SESSION innodb_lock_wait_timeout = before_wait; RESIGNAL;
     END;
     SET SESSION innodb_lock_wait_timeout = ${shortestWait}; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION;`,
    // One time for all of them: none of their entities was changed later.
    known.length > 0 &&
      `SELECT count(*), greatest(recorded, coalesce(max(recorded_ms), 0)) FROM (${known
        .map(({ commit }) => {
          params.push(commit.entityName, commit.entityId, version(commit), commit.expectedEventId ?? null);
          return "SELECT ? AS name, ? AS id, ? AS version, ? AS stands_on";
        })
        .join(
          " UNION ALL ",
        )}) s STRAIGHT_JOIN ${t.entities} e ON e.tenant = '' AND e.entity_name = s.name AND e.entity_id = s.id
         AND e.version = s.version AND e.is_erased = 0 AND (s.stands_on IS NULL OR e.event_id = s.stands_on)
       FOR UPDATE SKIP LOCKED INTO found, recorded;
       IF found = ${known.length} THEN`,
    // Where somebody makes the same entity, or has made it, that is an error.
    fresh.length > 0 && moveEnds(fresh),
    known.length > 0 &&
      moveEnds(
        known,
        ` ON DUPLICATE KEY UPDATE version = VALUES(version), event_id = VALUES(event_id), created_ms = VALUES(created_ms), recorded_ms = VALUES(recorded_ms)`,
      ),
    `${insertInto} ${t.log} (recorded_ms, entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, actor, correlation_id,
       idempotency_key, idempotency_size, flags) VALUES`,
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
      return `(recorded, ${narrow.slice(1)}`;
    }),
    // Rows of one statement have numbers that follow each other. That it was so here, the last one tells: none can have less than its place asks for.
    `; SET first = LAST_INSERT_ID();
     ${refuseBehindFrontier(t, "first")}
     SELECT position INTO last FROM ${t.log} WHERE event_id = `,
    row(lastId),
    `; IF last <> first + ${events.length - 1} THEN
       SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ventyd: positions of one statement do not follow each other';
     END IF;
     INSERT INTO ${t.content} (position, body, metadata) VALUES`,
    rows(events, ({ encoded: { bodyText, metadataText } }, index) => {
      return `(first + ${index}, ${row(bodyText, metadataText).slice(1)}`;
    }),
    "; COMMIT; SELECT first, recorded;",
    known.length > 0 && "ELSE ROLLBACK; END IF;",
    "SET SESSION innodb_lock_wait_timeout = before_wait; END",
  ];
  const [answer] = await connection.execute<Row>(sql.filter((part) => part !== false).join(" "), params);
  if (answer === undefined) return undefined;
  const recordedMs = Number(answer.recorded);
  let position = Number(answer.first);
  return commits.map(({ commit, events }) =>
    events.map(({ event }, index) =>
      insertedEvent(commit, event, { version: version(commit) + index + 1, recordedMs }, position++),
    ),
  );
}
