import type { Migration } from "../migration.ts";

/** What the tables are called, each with its schema. */
export interface TableNames {
  /** What the names of indexes and triggers begin with; these have no schema of their own. */
  readonly prefix: string;
  readonly log: string;
  readonly content: string;
  readonly entities: string;
  readonly snapshots: string;
  readonly frontier: string;
  readonly times: string;
  readonly positions: string;
  readonly migrations: string;
  readonly guard: string;
  readonly ahead: string;
  readonly append: string;
}

export { tombstone } from "../tombstone.ts";

/** The code of the error for a position that readers have gone past. */
export const behindFrontier = "VY001";

/**
 * The tables on PostgreSQL; their names are filled in when the store is made.
 *
 * The log has one narrow row per event; body and metadata stand beside it under the same position. `entities` has a row per entity, which an append locks
 * before it draws positions, so that the versions of an entity lie in the order of their positions. Some columns wait for what is built on them:
 * `tenant`, `schema_tag` and the hashes. `times` says of each span of some thousand positions when they were recorded.
 *
 * Triggers refuse UPDATE, DELETE and TRUNCATE on the log unless the transaction has said why, in the setting `ventyd.maintenance`.
 */
export function postgresMigrations(t: TableNames): readonly Migration[] {
  const guards = [t.log, t.content].flatMap((table) => [
    `CREATE TRIGGER ${t.prefix}guard_rows BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${t.guard}()`,
    `CREATE TRIGGER ${t.prefix}guard_table BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION ${t.guard}()`,
  ]);
  return [
    {
      id: 1,
      name: "log, contents, entities, snapshots, frontier",
      breaking: true,
      sql: [
        `CREATE SEQUENCE ${t.positions} AS bigint`,
        `CREATE TABLE ${t.log} (
  position bigint PRIMARY KEY DEFAULT nextval('${t.positions}'),
  tenant text COLLATE "C" NOT NULL DEFAULT '',
  entity_name text COLLATE "C" NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  event_name text COLLATE "C" NOT NULL,
  event_created_at text NOT NULL,
  event_created_ms bigint NOT NULL,
  recorded_ms bigint NOT NULL,
  actor text COLLATE "C",
  correlation_id text COLLATE "C",
  idempotency_key text COLLATE "C",
  idempotency_size int,
  schema_tag text,
  flags int NOT NULL DEFAULT 0,
  erased_at text,
  previous_hash bytea,
  hash bytea
)`,
        `ALTER SEQUENCE ${t.positions} OWNED BY ${t.log}.position`,
        `CREATE UNIQUE INDEX ${t.prefix}log_entity ON ${t.log} (tenant, entity_name, entity_id, version)`,
        `CREATE UNIQUE INDEX ${t.prefix}log_event_id ON ${t.log} (event_id)`,
        `CREATE UNIQUE INDEX ${t.prefix}log_idempotency_key ON ${t.log} (tenant, entity_name, entity_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL`,
        `CREATE INDEX ${t.prefix}log_actor ON ${t.log} (actor, position) WHERE actor IS NOT NULL`,
        `CREATE INDEX ${t.prefix}log_correlation_id ON ${t.log} (correlation_id, position) WHERE correlation_id IS NOT NULL`,
        `CREATE INDEX ${t.prefix}log_event_name ON ${t.log} (event_name, position)`,
        `CREATE INDEX ${t.prefix}log_entity_name ON ${t.log} (entity_name, position)`,
        `CREATE TABLE ${t.content} (
  position bigint PRIMARY KEY,
  body text NOT NULL,
  metadata text
)`,
        `CREATE TABLE ${t.entities} (
  tenant text COLLATE "C" NOT NULL DEFAULT '',
  entity_name text COLLATE "C" NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  event_id text COLLATE "C",
  created_ms bigint NOT NULL,
  recorded_ms bigint NOT NULL,
  is_erased boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant, entity_name, entity_id)
) WITH (fillfactor = 80)`,
        `CREATE TABLE ${t.snapshots} (
  tenant text COLLATE "C" NOT NULL DEFAULT '',
  entity_name text COLLATE "C" NOT NULL,
  entity_id text COLLATE "C" NOT NULL,
  fingerprint text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  event_id text,
  state text NOT NULL,
  PRIMARY KEY (tenant, entity_name, entity_id, fingerprint, version)
)`,
        // The key is for replication: where all tables are published, the server refuses to change a row that has none.
        `CREATE TABLE ${t.times} (
  after_position bigint PRIMARY KEY,
  last_position bigint NOT NULL,
  earliest_ms bigint NOT NULL,
  latest_ms bigint NOT NULL
)`,
        `CREATE TABLE ${t.frontier} (id int PRIMARY KEY DEFAULT 1 CHECK (id = 1), position bigint NOT NULL)`,
        `INSERT INTO ${t.frontier} (position) VALUES (0)`,
        `CREATE FUNCTION ${t.guard}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('ventyd.maintenance', true), '') = '' THEN
    RAISE EXCEPTION 'ventyd: the log is append-only; events are never updated or deleted' USING ERRCODE = 'P0001';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$`,
        // Where numbers are handed out again, as after a restore without their counter, nothing may be stored under one that readers have gone past.
        `CREATE FUNCTION ${t.ahead}(drawn bigint, frontier bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF drawn > frontier THEN RETURN drawn; END IF;
  RAISE EXCEPTION 'ventyd: position % is not above the frontier %', drawn, frontier USING ERRCODE = '${behindFrontier}';
END $$`,
        appendFunction(t),
        ...guards,
      ],
    },
  ];
}

/**
 * Writes commits, each of another entity: the end of an entity is moved, which locks it, then the narrow rows are inserted, which draws their positions, with
 * what stands beside them. What has moved meanwhile, or is held by somebody, is left out, and so are its events. Answers for each commit with the time at
 * which it was recorded and the positions of its events, or with NULL.
 *
 * A function, for its plans are kept; as a statement by itself it would be planned anew for each call, which takes longer than carrying it out. Row by row, for
 * one set of rows from lists takes as long for a hundred and twice as long for one.
 */
function appendFunction(t: TableNames): string {
  return `CREATE FUNCTION ${t.append}(
  names text[], ids text[], expected bigint[], sizes int[], stands_on text[], keys text[], given_now bigint,
  event_ids text[], event_names text[], created text[], created_times bigint[], actors text[], correlations text[], flag_sets int[], bodies text[], metadatas text[]
) RETURNS text LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  now_ms bigint := coalesce(given_now, (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
  frontier bigint;
  time bigint;
  drawn bigint;
  before int;
  last int := 0;
  answer bigint[];
BEGIN
  -- Whoever waits here lets others wait with him; by itself a commit waits longer, elsewhere.
  PERFORM set_config('lock_timeout', '50ms', true);
  IF current_setting('synchronous_commit') = 'off' THEN PERFORM set_config('synchronous_commit', 'on', true); END IF;
  SELECT position INTO frontier FROM ${t.frontier};
  FOR n IN 1 .. cardinality(names) LOOP
    time := NULL;
    before := last;
    last := before + sizes[n];
    IF expected[n] = 0 THEN
      INSERT INTO ${t.entities} (entity_name, entity_id, version, event_id, created_ms, recorded_ms)
      VALUES (names[n], ids[n], sizes[n], event_ids[last], created_times[last], now_ms) ON CONFLICT DO NOTHING RETURNING recorded_ms INTO time;
    ELSE
      -- Together with others it is passed over where somebody holds it.
      IF cardinality(names) > 1 THEN
        PERFORM FROM ${t.entities} WHERE tenant = '' AND entity_name = names[n] AND entity_id = ids[n] FOR UPDATE SKIP LOCKED;
      END IF;
      IF cardinality(names) = 1 OR FOUND THEN
        UPDATE ${t.entities} SET version = expected[n] + sizes[n], event_id = event_ids[last], created_ms = created_times[last], recorded_ms = greatest(recorded_ms, now_ms)
        WHERE tenant = '' AND entity_name = names[n] AND entity_id = ids[n] AND version = expected[n] AND NOT is_erased
          AND (stands_on[n] IS NULL OR event_id = stands_on[n]) RETURNING recorded_ms INTO time;
      END IF;
    END IF;
    answer := array_append(answer, time);
    CONTINUE WHEN time IS NULL;
    FOR e IN before + 1 .. last LOOP
      INSERT INTO ${t.log} (entity_name, entity_id, version, event_id, event_name, event_created_at, event_created_ms, recorded_ms, actor, correlation_id,
        idempotency_key, idempotency_size, flags)
      VALUES (names[n], ids[n], expected[n] + e - before, event_ids[e], event_names[e], created[e], created_times[e], time, actors[e], correlations[e],
        CASE e WHEN before + 1 THEN keys[n] END, CASE WHEN e = before + 1 AND keys[n] IS NOT NULL THEN sizes[n] END, flag_sets[e])
      RETURNING position INTO drawn;
      INSERT INTO ${t.content} (position, body, metadata) VALUES (drawn, bodies[e], metadatas[e]);
      IF drawn <= frontier THEN PERFORM ${t.ahead}(drawn, frontier); END IF;
      answer := answer || drawn;
    END LOOP;
  END LOOP;
  RETURN answer;
END $$`;
}
