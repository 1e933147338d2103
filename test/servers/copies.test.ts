import type { EventStore } from "ventyd";
import { describe, expect, onTestFinished, test } from "vitest";
import { commitOf, readAll, take, upTo, write } from "../../src/testing/contract/events.ts";
import { rejection } from "../support/promises.ts";
import { startPostgres } from "../support/servers.ts";
import { dump, restore } from "./dump-programs.ts";
import { openDatabase, type Server, servers, type TestDatabase } from "./servers.ts";

const [postgres, mariadb] = servers as readonly [Server, Server];

/** A log of which readers have seen all, up to position 151. */
async function fill({ store }: TestDatabase): Promise<void> {
  await write(
    store,
    commitOf(
      "a",
      0,
      upTo(150).map((n) => `a${n}`),
    ),
  );
  await write(store, commitOf("b", 0, ["b1"]));
  expect((await readAll(store)).at(-1)?.position).toBe(151);
}

/** What replication carries over: rows of tables, and no counters. */
async function replicated(): Promise<TestDatabase> {
  const server = await startPostgres("-c", "wal_level=logical");
  onTestFinished(() => server.remove());
  const admin = await postgres.connect(server.url);
  for (const name of ["source", "copy"]) await admin.run(`CREATE DATABASE ${name}`);
  await admin.end();
  const on = (name: string) => ({ url: server.url.replace(/\/postgres$/, `/${name}`), drop: async () => {} });
  const source = await openDatabase(postgres, { on: on("source") });
  const copy = await openDatabase(postgres, { on: on("copy"), migrated: false });
  await restore(postgres, copy.url, await dump(postgres, source.url, "--schema-only"));
  await source.run("CREATE PUBLICATION everything FOR ALL TABLES");
  await source.run("SELECT pg_create_logical_replication_slot('copy', 'pgoutput')");
  await copy.run(
    `CREATE SUBSCRIPTION copy CONNECTION '${source.url}' PUBLICATION everything WITH (create_slot = false, slot_name = 'copy')`,
  );
  await fill(source);
  // Each table comes over by itself, then what has happened since.
  const tables = ["log", "content", "entities", "migrations"].map(
    (name) => `(SELECT count(*) FROM ventyd_${name}) AS ${name}`,
  );
  const syncing = "(SELECT count(*) FROM pg_subscription_rel WHERE srsubstate <> 'r') AS syncing";
  const contents = `SELECT ${tables.join(", ")}, (SELECT sum(position) FROM ventyd_frontier) AS frontier, ${syncing}`;
  const [there] = await source.run(contents);
  await expect.poll(async () => (await copy.run(contents))[0], { timeout: 30_000 }).toEqual(there);
  await copy.run("ALTER SUBSCRIPTION copy DISABLE");
  return copy;
}

/** The rows alone, put into tables that were made before. */
async function filledIn(): Promise<TestDatabase> {
  const source = await openDatabase(mariadb);
  await fill(source);
  const copy = await openDatabase(mariadb);
  const rows = await dump(mariadb, source.url, "--no-create-info", "--replace", "--skip-triggers");
  await restore(mariadb, copy.url, rows);
  await copy.run("ALTER TABLE ventyd_log AUTO_INCREMENT = 1");
  return copy;
}

/** Appends to what is there and to what is new, and reads both from where a reader had come to. */
async function goesOnAt(store: EventStore, cursor: number): Promise<void> {
  const tailer = store.subscribe({ after: cursor });
  const { version } = (await store.loadHistory({ entityName: "thing", entityId: "b" })).at(-1) ?? { version: 0 };
  const appended = [
    ...(await write(store, commitOf("b", version, [{}]))),
    ...(await write(store, commitOf(`new at ${cursor}`, 0, [{}, {}]))),
  ];
  expect(appended[0]?.position).toBeGreaterThan(cursor);
  expect(await take(tailer, 3)).toEqual(appended);
  await tailer.return?.();
}

describe.each([
  { name: "PostgreSQL, by logical replication", make: replicated },
  { name: "MariaDB, by a dump of the rows", make: filledIn },
])("a copy of the log without its counter: $name", ({ make }) => {
  test("nothing is appended where readers have been, what is appended is read, and a cursor above the head is refused", async () => {
    const { store, open, run } = await make();
    expect((await readAll(store)).map(({ position }) => position)).toEqual(upTo(151));
    for (const reading of [store.read({ after: 152 }), store.subscribe({ after: 152 })])
      expect(await rejection(reading.next())).toMatchObject({ code: "cursor_ahead", after: 152, head: 151 });
    await goesOnAt(store, 151);
    // Tables come over one after the other: of the last events only that they have been read.
    await run("UPDATE ventyd_frontier SET position = 500");
    await goesOnAt(store, 500);
    await run("UPDATE ventyd_frontier SET position = 1000");
    await goesOnAt(await open(), 1000);
    expect(await rejection(store.read({ after: 5_000 }).next())).toMatchObject({ code: "cursor_ahead" });
  });
});

test("PostgreSQL: a counter that is set back under stores that are running is set right by the next append", async () => {
  const database = await openDatabase(postgres);
  await fill(database);
  await database.run("SELECT setval('ventyd_positions', 1, false)");
  await goesOnAt(database.store, 151);
});
