import { rows, type Steps } from "../dialects/sqlite-steps.ts";
import type { Migration } from "../migration.ts";
import { spanSize } from "../times.ts";

/** What SQLite reports when an event is to be inserted whose id, position or version the log has; no text of SQLite's own. */
export const alreadyStored = "ventyd: this event is stored already";

/**
 * The tables on SQLite.
 *
 * `ventyd_log` has one narrow row per event, which is what tailing, filtering and the decision of an append read; body and metadata stand
 * beside it under the same position. Some columns wait for what is built on them: `tenant`, `schema_tag`, `erased_at` and the hashes.
 *
 * Triggers refuse UPDATE and DELETE, and an INSERT over what is there: `INSERT OR REPLACE` deletes without asking a trigger.
 * SQLite has no session variables: whoever must change the log (a migration, an erasure) writes its reason into `ventyd_maintenance`
 * first and deletes it in the same transaction, so nobody else ever sees the lock open.
 *
 * `ventyd_times` says of each span of some thousand positions when they were recorded.
 */
const sqliteMigrations: readonly Migration[] = [
  {
    id: 1,
    name: "log, contents, snapshots",
    breaking: true,
    sql: [
      `CREATE TABLE ventyd_log (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL DEFAULT '',
  entity_name TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  event_name TEXT NOT NULL,
  event_created_at TEXT NOT NULL,
  event_created_ms INTEGER NOT NULL,
  recorded_ms INTEGER NOT NULL,
  actor TEXT,
  correlation_id TEXT,
  idempotency_key TEXT,
  idempotency_size INTEGER,
  schema_tag TEXT,
  flags INTEGER NOT NULL DEFAULT 0,
  erased_at TEXT,
  previous_hash BLOB,
  hash BLOB
) STRICT`,
      `CREATE UNIQUE INDEX ventyd_log_entity ON ventyd_log (tenant, entity_name, entity_id, version)`,
      `CREATE UNIQUE INDEX ventyd_log_event_id ON ventyd_log (event_id)`,
      `CREATE UNIQUE INDEX ventyd_log_idempotency_key ON ventyd_log (tenant, entity_name, entity_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL`,
      `CREATE INDEX ventyd_log_actor ON ventyd_log (actor, position) WHERE actor IS NOT NULL`,
      `CREATE INDEX ventyd_log_correlation_id ON ventyd_log (correlation_id, position) WHERE correlation_id IS NOT NULL`,
      `CREATE TABLE ventyd_content (
  position INTEGER PRIMARY KEY,
  body TEXT NOT NULL,
  metadata TEXT
) STRICT`,
      `CREATE TABLE ventyd_times (
  after_position INTEGER PRIMARY KEY,
  last_position INTEGER NOT NULL,
  earliest_ms INTEGER NOT NULL,
  latest_ms INTEGER NOT NULL
) STRICT`,
      `CREATE TRIGGER ventyd_log_times AFTER INSERT ON ventyd_log WHEN NEW.position % ${spanSize} = 0
BEGIN
  INSERT INTO ventyd_times (after_position, last_position, earliest_ms, latest_ms)
  SELECT (SELECT coalesce(max(last_position), 0) FROM ventyd_times), NEW.position, min(recorded_ms), max(recorded_ms) FROM ventyd_log
  WHERE position > (SELECT coalesce(max(last_position), 0) FROM ventyd_times) AND position <= NEW.position;
END`,
      `CREATE TABLE ventyd_snapshots (
  tenant TEXT NOT NULL DEFAULT '',
  entity_name TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  version INTEGER NOT NULL,
  event_id TEXT,
  state TEXT NOT NULL,
  PRIMARY KEY (tenant, entity_name, entity_id, fingerprint, version)
) STRICT, WITHOUT ROWID`,
      `CREATE TABLE ventyd_maintenance (reason TEXT NOT NULL) STRICT`,
      ...["ventyd_log", "ventyd_content"].flatMap((table) => ["UPDATE", "DELETE"].map((verb) => guard(table, verb))),
      `CREATE TRIGGER ventyd_log_no_replace BEFORE INSERT ON ventyd_log
WHEN EXISTS (SELECT 1 FROM ventyd_log WHERE position = NEW.position)
  OR EXISTS (SELECT 1 FROM ventyd_log WHERE event_id = NEW.event_id)
  OR EXISTS (SELECT 1 FROM ventyd_log WHERE tenant = NEW.tenant AND entity_name = NEW.entity_name AND entity_id = NEW.entity_id AND version = NEW.version)
  OR (NEW.idempotency_key IS NOT NULL AND EXISTS (SELECT 1 FROM ventyd_log WHERE tenant = NEW.tenant AND entity_name = NEW.entity_name
    AND entity_id = NEW.entity_id AND idempotency_key = NEW.idempotency_key))
BEGIN SELECT RAISE(ABORT, '${alreadyStored}'); END`,
      `CREATE TRIGGER ventyd_content_no_replace BEFORE INSERT ON ventyd_content
WHEN EXISTS (SELECT 1 FROM ventyd_content WHERE position = NEW.position)
BEGIN SELECT RAISE(ABORT, '${alreadyStored}'); END`,
    ],
  },
];

function guard(table: string, verb: string): string {
  return `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table}
WHEN NOT EXISTS (SELECT 1 FROM ventyd_maintenance)
BEGIN SELECT RAISE(ABORT, 'ventyd: the log is append-only; events are never updated or deleted'); END`;
}

/** The migrations, with what says of a database which of them it has. */
export const sqliteSchema = {
  migrations: sqliteMigrations,
  migrationsTable:
    "CREATE TABLE IF NOT EXISTS ventyd_migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, breaking INTEGER NOT NULL, applied_at TEXT NOT NULL) STRICT",
  noteMigration: ({ id, name, breaking }: Migration) =>
    `INSERT INTO ventyd_migrations (id, name, breaking, applied_at) VALUES (${id}, '${name}', ${breaking ? 1 : 0}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`,
};

/** The migrations that a database has, oldest first. */
export function* appliedMigrations(): Steps<readonly { id: number; name: string; breaking: boolean }[]> {
  const exists = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ventyd_migrations'";
  if ((yield* rows(exists)).length === 0) return [];
  type Row = { id: number | bigint; name: string; breaking: number | bigint };
  const applied = yield* rows<Row>("SELECT id, name, breaking FROM ventyd_migrations ORDER BY id");
  return applied.map(({ id, name, breaking }) => ({ id: Number(id), name, breaking: Number(breaking) === 1 }));
}
