import type { Migration } from "../migration.ts";
import { shortestWait } from "../mysql-limits.ts";
import { insertInto, refuseBehindFrontier } from "../mysql-positions.ts";

/** What the tables are called, each with its database where one was named. */
export interface MysqlTableNames {
  /** The database of the tables; `undefined` where it is that of the connection. */
  readonly database: string | undefined;
  /** The names of triggers begin with it, and with the database before it. */
  readonly guard: string;
  readonly log: string;
  readonly content: string;
  readonly entities: string;
  readonly snapshots: string;
  readonly frontier: string;
  readonly times: string;
  /** The procedure that appends one event. */
  readonly append: string;
  readonly migrations: string;
  /** The last, without its database. */
  readonly migrationsName: string;
}

/** What is compared byte for byte: no collation of theirs tells "a" from "a " in both MySQL and MariaDB. */
const name = "varbinary(255)";
/** What only people and `JSON.parse` read. */
const text = "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
const table = "ENGINE=InnoDB ROW_FORMAT=DYNAMIC";

/**
 * The tables on MySQL and MariaDB. Every statement can be run again: DDL commits by itself there, so a migration that breaks off has been applied in part.
 *
 * The same tables as on PostgreSQL. Triggers refuse UPDATE and DELETE on the log unless the session has said why, in the variable `@ventyd_maintenance`;
 * nothing can refuse TRUNCATE but a missing privilege.
 */
export function mysqlMigrations(t: MysqlTableNames): readonly Migration[] {
  const guards = [
    ["log", t.log],
    ["content", t.content],
  ].flatMap(([what, guarded]) =>
    ["update", "delete"].flatMap((action) => {
      const trigger = `${t.guard}${what}_${action}`;
      return [
        `DROP TRIGGER IF EXISTS ${trigger}`,
        `CREATE TRIGGER ${trigger} BEFORE ${action.toUpperCase()} ON ${guarded} FOR EACH ROW
IF coalesce(@ventyd_maintenance, '') = '' THEN
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ventyd: the log is append-only; events are never updated or deleted';
END IF`,
      ];
    }),
  );
  return [
    {
      id: 1,
      name: "log, contents, entities, snapshots, frontier",
      breaking: true,
      sql: [
        `CREATE TABLE IF NOT EXISTS ${t.log} (
  position bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  tenant ${name} NOT NULL DEFAULT '',
  entity_name ${name} NOT NULL,
  entity_id ${name} NOT NULL,
  version bigint NOT NULL,
  event_id ${name} NOT NULL,
  event_name ${name} NOT NULL,
  event_created_at varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  event_created_ms bigint NOT NULL,
  recorded_ms bigint NOT NULL,
  actor ${name},
  correlation_id ${name},
  idempotency_key ${name},
  idempotency_size int,
  schema_tag ${name},
  flags int NOT NULL DEFAULT 0,
  erased_at varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
  previous_hash varbinary(64),
  hash varbinary(64),
  UNIQUE KEY entity (tenant, entity_name, entity_id, version),
  UNIQUE KEY event_id (event_id),
  UNIQUE KEY idempotency_key (tenant, entity_name, entity_id, idempotency_key),
  KEY actor (actor, position),
  KEY correlation_id (correlation_id, position),
  KEY event_name (event_name, position),
  KEY entity_name (entity_name, position)
) ${table}`,
        `CREATE TABLE IF NOT EXISTS ${t.content} (
  position bigint NOT NULL PRIMARY KEY,
  body ${text} NOT NULL,
  metadata ${text}
) ${table}`,
        `CREATE TABLE IF NOT EXISTS ${t.entities} (
  tenant ${name} NOT NULL DEFAULT '',
  entity_name ${name} NOT NULL,
  entity_id ${name} NOT NULL,
  version bigint NOT NULL,
  event_id ${name},
  created_ms bigint NOT NULL,
  recorded_ms bigint NOT NULL,
  is_erased tinyint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, entity_name, entity_id)
) ${table}`,
        `CREATE TABLE IF NOT EXISTS ${t.snapshots} (
  tenant ${name} NOT NULL DEFAULT '',
  entity_name ${name} NOT NULL,
  entity_id ${name} NOT NULL,
  fingerprint ${name} NOT NULL,
  version bigint NOT NULL,
  event_id ${name},
  state ${text} NOT NULL,
  PRIMARY KEY (tenant, entity_name, entity_id, fingerprint, version)
) ${table}`,
        `CREATE TABLE IF NOT EXISTS ${t.times} (
  after_position bigint NOT NULL PRIMARY KEY,
  last_position bigint NOT NULL,
  earliest_ms bigint NOT NULL,
  latest_ms bigint NOT NULL
) ${table}`,
        `CREATE TABLE IF NOT EXISTS ${t.frontier} (id int NOT NULL PRIMARY KEY, position bigint NOT NULL) ${table}`,
        `INSERT INTO ${t.frontier} (id, position) VALUES (1, 0), (2, 0) ON DUPLICATE KEY UPDATE id = id`,
        ...guards,
        `DROP PROCEDURE IF EXISTS ${t.append}`,
        appendProcedure(t),
      ],
    },
  ];
}

/**
 * Writes a commit of one event in one statement of the client's. Nothing is written, and nothing answered, where the entity has moved meanwhile, or is held by
 * somebody. Whoever may not run it, or has restored a dump that was made without procedures, appends statement by statement.
 */
function appendProcedure(t: MysqlTableNames): string {
  const ofEntity = "tenant = '' AND entity_name = of_name AND entity_id = of_id";
  return `CREATE PROCEDURE ${t.append}(
  of_name varbinary(255), of_id varbinary(255), of_version bigint, stands_on varbinary(255), given_now bigint,
  new_id varbinary(255), new_name varbinary(255), new_created varchar(64) CHARACTER SET ascii, new_created_ms bigint, new_actor varbinary(255),
  new_correlation varbinary(255), new_key varbinary(255), new_flags int, new_body longtext CHARACTER SET utf8mb4, new_metadata longtext CHARACTER SET utf8mb4
)
MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
  DECLARE recorded, drawn, noted bigint;
  DECLARE now_ms bigint DEFAULT coalesce(given_now, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000);
  DECLARE before_wait bigint DEFAULT @@SESSION.innodb_lock_wait_timeout;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN
    ROLLBACK;
    SET SESSION innodb_lock_wait_timeout = before_wait;
    RESIGNAL;
  END;
  SET SESSION innodb_lock_wait_timeout = ${shortestWait};
  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  IF of_version = 0 THEN
    SET recorded = now_ms;
    INSERT INTO ${t.entities} (entity_name, entity_id, version, event_id, created_ms, recorded_ms) VALUES (of_name, of_id, 1, new_id, new_created_ms, recorded);
  ELSE
    -- Whoever holds it is not waited for.
    SELECT greatest(max(recorded_ms), now_ms) INTO recorded FROM ${t.entities}
      WHERE ${ofEntity} AND version = of_version AND is_erased = 0 AND (stands_on IS NULL OR event_id = stands_on) FOR UPDATE SKIP LOCKED;
    IF recorded IS NOT NULL THEN
      UPDATE ${t.entities} SET version = of_version + 1, event_id = new_id, created_ms = new_created_ms, recorded_ms = recorded WHERE ${ofEntity};
    END IF;
  END IF;
  IF recorded IS NOT NULL THEN
    ${insertInto} ${t.log} (entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms,
      actor, correlation_id, idempotency_key, idempotency_size, flags)
    VALUES (of_name, of_id, of_version + 1, new_id, new_name, new_created, new_created_ms, recorded,
      new_actor, new_correlation, new_key, IF(new_key IS NULL, NULL, 1), new_flags);
    SET drawn = LAST_INSERT_ID();
    ${refuseBehindFrontier(t, "drawn")}
    INSERT INTO ${t.content} (position, body, metadata) VALUES (drawn, new_body, new_metadata);
  END IF;
  COMMIT;
  SET SESSION innodb_lock_wait_timeout = before_wait;
  SELECT drawn AS position, recorded AS recordedMs;
END`;
}
