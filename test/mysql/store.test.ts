import callbacks, { type PoolConnection } from "mysql2";
import mysql, { type PoolOptions } from "mysql2/promise";
import type { EntityCommit, EventStore, NewEvent, StoredEvent } from "ventyd";
import { createMysqlStore, type MysqlStoreOptions } from "ventyd/mysql";
import { expect, onTestFinished, test } from "vitest";
import { rejection } from "../support/promises.ts";
import { createMysqlDatabase } from "../support/servers.ts";

/** A migrated store in a database of the running test's own. */
async function open(options: MysqlStoreOptions = {}, poolOptions: PoolOptions = {}) {
  const { url: uri, drop } = await createMysqlDatabase();
  const pool = mysql.createPool({ uri, connectionLimit: 4, ...poolOptions });
  onTestFinished(async () => {
    await pool.end();
    await drop();
  });
  const store = createMysqlStore(pool, options);
  await store.migrate();
  return { uri, pool, store };
}

function event(eventId: string, body: NewEvent["body"] = null): NewEvent {
  const eventCreatedAt = "2026-01-01T00:00:00.000Z";
  return { eventId, eventName: "thing:happened", eventCreatedAt, body, metadata: {}, bodyIsOutput: true };
}

function commit(entityId: string, expectedVersion: number | "any", eventIds: string[]): EntityCommit {
  return { entityName: "thing", entityId, expectedVersion, events: eventIds.map((id) => event(id)) };
}

async function begun(pool: mysql.Pool, level = "REPEATABLE READ") {
  const client = await pool.getConnection();
  await client.query(`SET TRANSACTION ISOLATION LEVEL ${level}`);
  await client.query("START TRANSACTION");
  return client;
}

async function all(store: EventStore): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const event of store.read()) events.push(event);
  return events;
}

async function ids(store: EventStore, entityId: string): Promise<string[]> {
  return (await store.load({ entityName: "thing", entityId })).map(({ eventId }) => eventId);
}

test("in the application's REPEATABLE READ, what was committed since its first look decides", async () => {
  const { pool, store } = await open();
  await store.append([commit("t", 0, ["a"])]);
  const client = await begun(pool);
  expect(await store.load({ entityName: "thing", entityId: "t" }, { transaction: client })).toHaveLength(1);
  await store.append([{ ...commit("t", 1, ["b"]), idempotencyKey: "k" }]);
  const append = (commits: EntityCommit[]) => store.append(commits, { transaction: client });
  expect(await append([commit("t", 1, ["c"])])).toMatchObject([{ status: "conflict", actualVersion: 2 }]);
  expect(await append([commit("t", 1, ["b"])])).toMatchObject([{ status: "duplicate", version: 2 }]);
  expect(await append([commit("t", "any", ["b"])])).toMatchObject([{ status: "duplicate", version: 2 }]);
  expect(await append([{ ...commit("t", 2, ["d"]), idempotencyKey: "k" }])).toMatchObject([
    { status: "duplicate", version: 2 },
  ]);
  expect(await append([commit("t", 2, ["e"])])).toMatchObject([{ status: "written", version: 3 }]);
  await client.query("COMMIT");
  client.release();
  expect(await ids(store, "t")).toEqual(["a", "b", "e"]);
});

test("an open transaction at REPEATABLE READ holds the entities that it wrote, and no others", async () => {
  const { pool, store } = await open();
  await store.append([commit("a", 0, ["a1"]), commit("m", 0, ["m1"]), commit("z", 0, ["z1"])]);
  const client = await begun(pool);
  await store.append([commit("m", 1, ["m2"]), commit("n", 0, ["n1"])], { transaction: client });
  const before = performance.now();
  const others = [commit("a", 1, ["a2"]), commit("z", 1, ["z2"]), commit("l", 0, ["l1"]), commit("o", 0, ["o1"])];
  for (const other of others) expect(await store.append([other])).toMatchObject([{ status: "written" }]);
  const second = await begun(pool);
  expect(await store.append([commit("a", 2, ["a3"])], { transaction: second })).toMatchObject([{ status: "written" }]);
  await second.query("COMMIT");
  second.release();
  expect(performance.now() - before).toBeLessThan(1000);
  await client.query("ROLLBACK");
  client.release();
  expect(await ids(store, "m")).toEqual(["m1"]);
});

test("a reader goes up to an append that is open, waits for nobody, and goes on when it has ended", async () => {
  const { pool, store } = await open();
  await store.append([commit("a", 0, ["a1"])]);
  const client = await begun(pool);
  await store.append([commit("b", 0, ["b1"])], { transaction: client });
  await store.append([commit("c", 0, ["c1"])]);
  const before = performance.now();
  const seen = async () => (await all(store)).map(({ eventId }) => eventId);
  expect(await seen()).toEqual(["a1"]);
  expect(performance.now() - before).toBeLessThan(500);
  await client.query("ROLLBACK");
  client.release();
  await expect.poll(seen).toEqual(["a1", "c1"]);
});

test.each(["READ COMMITTED", "REPEATABLE READ"])(
  "an append that is open at %s holds up neither those who move the frontier nor those who append",
  async (level) => {
    const { pool, store, uri } = await open();
    const many = Array.from({ length: 150 }, (_, n) => `a${n}`);
    await store.append([commit("a", 0, many)]);
    const client = await begun(pool, level);
    await store.append([commit("b", 0, ["b1"])], { transaction: client });
    const before = performance.now();
    const readers = mysql.createPool({ uri, connectionLimit: 2 });
    onTestFinished(() => readers.end());
    expect(await all(createMysqlStore(readers))).toHaveLength(150);
    const noted = async () =>
      ((await pool.query("SELECT position FROM ventyd_frontier")) as unknown as [object[]])[0][0];
    expect(await noted()).toEqual({ position: 150 });
    const others = [commit("c", 0, ["c1"]), commit("d", "any", ["d1"]), commit("a", 150, ["a+1", "a+2"])];
    for (const other of others) expect(await store.append([other])).toMatchObject([{ status: "written" }]);
    expect(performance.now() - before).toBeLessThan(2_000);
    await client.query("COMMIT");
    client.release();
    await expect.poll(async () => (await all(store)).length).toBe(155);
  },
);

test("an append that is open at SERIALIZABLE, where it holds what it has looked at, holds up no readers", async () => {
  const { pool, store } = await open();
  await store.append([
    commit(
      "a",
      0,
      Array.from({ length: 150 }, (_, n) => `a${n}`),
    ),
  ]);
  const client = await begun(pool, "SERIALIZABLE");
  await store.append([commit("b", 0, ["b1"])], { transaction: client });
  const before = performance.now();
  expect(await all(store)).toHaveLength(150);
  expect(performance.now() - before).toBeLessThan(1_000);
  await client.query("ROLLBACK");
  client.release();
});

test.each([1, 0])(
  "a writer whose position was fenced before he inserted it draws another, with autocommit = %i",
  async (autocommit) => {
    const { pool, store } = await open();
    await store.append([commit("a", 0, ["a1"])]);
    const client = await pool.getConnection();
    await client.query(`SET autocommit = ${autocommit}`);
    await client.query("START TRANSACTION");
    // What he draws the first time is there already, as where a fencer came between the two.
    const drawn: unknown[] = [];
    const query = async (statement: mysql.QueryOptions) => {
      if (!/INTO ventyd_log/.test(statement.sql)) return client.query(statement);
      if (drawn.length === 0) await client.query("SET insert_id = 1");
      const answer = client.query(statement);
      drawn.push(
        await answer.then(
          () => "inserted",
          ({ code }) => code,
        ),
      );
      return answer;
    };
    const transaction = { query, execute: client.execute.bind(client) } as unknown as mysql.PoolConnection;
    expect(await store.append([commit("b", 0, ["b1"])], { transaction })).toMatchObject([{ status: "written" }]);
    expect(drawn).toEqual(["ER_DUP_ENTRY", "inserted"]);
    await client.query("COMMIT");
    client.destroy();
    expect(await ids(store, "b")).toEqual(["b1"]);
  },
);

test("callers who wait for entities that somebody holds keep no others waiting", async () => {
  const { pool, store } = await open({}, { connectionLimit: 8 });
  await store.append([commit("a", 0, ["a1"])]);
  await store.append([commit("b", 0, ["b1"])]);
  const client = await begun(pool);
  const held = [commit("a", 1, ["a2"]), commit("b", 1, ["b2"]), commit("c", 0, ["c1"]), commit("d", 0, ["d1"])];
  await store.append(held, { transaction: client });
  const waiting: Promise<unknown>[] = [];
  // Each by itself, when the one before has come to wait.
  for (const { entityId, expectedVersion } of held) {
    waiting.push(rejection(store.append([commit(entityId, expectedVersion, [`${entityId}-other`])])));
    await expect.poll(() => lockWaits(pool), { interval: 200, timeout: 4_000 }).toBe(waiting.length);
  }
  const before = performance.now();
  expect(await store.append([commit("e", 0, ["e1"])])).toMatchObject([{ status: "written" }]);
  expect(performance.now() - before).toBeLessThan(2_000);
  await Promise.all(waiting);
  await client.query("ROLLBACK");
  client.release();
});

/** How many wait for a lock; the server looks again when nobody has asked for a tenth of a second. */
async function lockWaits(pool: mysql.Pool): Promise<number> {
  const [[row]] = (await pool.query(
    `SELECT count(*) AS n FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
     WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()`,
  )) as unknown as [[{ n: number }]];
  return row.n;
}

test("sessions of the pool get back what they had, and the application's transaction keeps its own", async () => {
  const { pool, store } = await open({}, { connectionLimit: 1 });
  const settings = async () => {
    const sql =
      "SELECT @@innodb_lock_wait_timeout AS a, @@wait_timeout AS b, @@tx_isolation AS c, @ventyd_maintenance AS d";
    return ((await pool.query(sql)) as unknown as [[object]])[0][0];
  };
  await pool.query("SET SESSION innodb_lock_wait_timeout = 17, SESSION wait_timeout = 1234");
  const before = await settings();
  await store.append([commit("a", 0, ["a1"])]);
  await store.append([commit("a", 0, ["a2"])]);
  await store.erase({ entityName: "thing", entityId: "a" }, { actor: "alice", reason: "asked" });
  await rejection(store.transaction(() => Promise.reject(new Error("no"))));
  expect(await settings()).toEqual(before);
});

test("the log refuses UPDATE and DELETE", async () => {
  const { pool, store } = await open();
  await store.append([commit("a", 0, ["a1"])]);
  for (const table of ["ventyd_log", "ventyd_content"]) {
    await expect(pool.query(`UPDATE ${table} SET position = 7`)).rejects.toThrow(/append-only/);
    await expect(pool.query(`DELETE FROM ${table}`)).rejects.toThrow(/append-only/);
  }
});

test("bodies of 10 MB are kept, and one that the server does not take is refused with the reason", async () => {
  const { store } = await open({ maxBodyBytes: 16 * 1024 * 1024 });
  const big = "ü".repeat(5_000_000);
  await store.append([{ ...commit("a", 0, []), events: [event("a1", big), event("a2", 1), event("a3", big)] }]);
  expect((await store.load({ entityName: "thing", entityId: "a" })).map(({ body }) => body)).toEqual([big, 1, big]);
  const larger = "x".repeat(16 * 1024 * 1024 - 100);
  const refused = await rejection(store.append([{ ...commit("b", 0, []), events: [event("b1", larger)] }]));
  expect(refused).toMatchObject({ code: "body_too_large", message: expect.stringMatching(/max_allowed_packet/) });
  expect(await ids(store, "b")).toEqual([]);
});

test("what the session makes of text changes nothing", async () => {
  const { pool, store } = await open({}, { charset: "latin1_swedish_ci" });
  pool.pool.on("connection", (connection) => {
    connection.query("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT'", () => {});
  });
  const text = `\\' OR 1=1 -- \\\\ "" ? ü 🎉 \ufeff`;
  for (const size of [1, 5_000]) {
    const body = { text: text.repeat(size), [text]: size };
    const id = `${text}${size}`;
    await store.append([
      { ...commit(id, 0, []), events: [{ ...event(id, body), metadata: { actor: text, note: text } }] },
    ]);
    const [stored] = await store.loadHistory({ entityName: "thing", entityId: id });
    expect(stored).toMatchObject({ eventId: id, entityId: id, body, metadata: { actor: text, note: text } });
  }
});

test("positions are raised where readers have gone past them", async () => {
  const { pool, store } = await open();
  await store.append([commit("a", 0, ["a1"])]);
  await pool.query("UPDATE ventyd_frontier SET position = 50");
  expect(await store.append([commit("a", 1, ["a2"])])).toMatchObject([
    { status: "written", events: [{ position: 51 }] },
  ]);
  expect((await all(store)).map(({ position }) => position)).toEqual([1, 51]);
});

test("sessions at READ UNCOMMITTED are refused", async () => {
  const { pool } = await open();
  const sql = "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED";
  await Promise.all(Array.from({ length: 4 }, () => pool.query(sql)));
  const append = createMysqlStore(pool).append([commit("a", 0, ["a1"])]);
  expect(await rejection(append)).toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(/READ-UNCOMMITTED/),
  });
});

test("tables lie in another database, under another prefix", async () => {
  const { uri, pool } = await open();
  const elsewhere = mysql.createPool({ uri, database: "mysql", connectionLimit: 2 });
  onTestFinished(() => elsewhere.end());
  const schema = new URL(uri).pathname.slice(1);
  const store = createMysqlStore(elsewhere, { schema, tablePrefix: "audit_" });
  await store.migrate();
  expect(await store.append([commit("a", 0, ["a1"])])).toMatchObject([{ status: "written" }]);
  await expect(pool.query("DELETE FROM audit_log")).rejects.toThrow(/append-only/);
  expect((await store.status()).schemaVersion).toBe(1);
});

test("a pool with callbacks lends connections with callbacks", async () => {
  const { uri } = await open();
  const pool = callbacks.createPool({ uri, connectionLimit: 2 });
  onTestFinished(() => pool.promise().end());
  const store = createMysqlStore(pool);
  await store.transaction(async ({ client }) => {
    await new Promise<void>((resolve, reject) => {
      client.query("CREATE TEMPORARY TABLE mine (id int)", (error) => (error ? reject(error) : resolve()));
    });
    await store.append([commit("a", 0, ["a1"])]);
  });
  const single = callbacks.createConnection(uri);
  onTestFinished(() => single.destroy());
  await single.promise().beginTransaction();
  await store.append([commit("b", 0, ["b1"])], { transaction: single as PoolConnection });
  await single.promise().rollback();
  expect((await all(store)).map(({ eventId }) => eventId)).toEqual(["a1"]);
});

test("who may not run the procedure, or has lost it, appends all the same", async () => {
  const { pool, store } = await open();
  await pool.query("DROP PROCEDURE ventyd_append");
  expect(await store.append([commit("a", 0, ["a1"])])).toMatchObject([{ status: "written" }]);
  expect(await store.append([commit("a", 0, ["a2"])])).toMatchObject([{ status: "conflict" }]);
});

test("commits at once share transactions, and each is answered for itself", async () => {
  const { store, pool } = await open();
  await Promise.all(Array.from({ length: 20 }, (_, n) => store.append([commit(`t${n}`, 0, [`a${n}`])])));
  const client = await begun(pool);
  await store.append([commit("t3", 1, ["held"])], { transaction: client });
  const answers = Array.from({ length: 20 }, (_, n) => {
    const ids = n === 5 ? ["a4"] : [`b${n}`, `c${n}`];
    return store.append([commit(`t${n}`, n === 4 ? 7 : 1, ids)]);
  });
  const others = await Promise.all(answers.filter((_, n) => n !== 3));
  await client.query("ROLLBACK");
  client.release();
  await answers[3];
  expect(others.map(([row]) => row?.status)).toEqual(
    Array.from({ length: 19 }, (_, n) => (n === 3 ? "conflict" : n === 4 ? "corrupt_retry" : "written")),
  );
  expect(await ids(store, "t3")).toEqual(["a3", "b3", "c3"]);
});

test("an append that the server ends in a deadlock, with the application's transaction, is a conflict that says so", async () => {
  const { pool, store } = await open();
  await store.append([commit("a", 0, ["a1"]), commit("b", 0, ["b1"])]);
  const [one, two] = [await begun(pool), await begun(pool)];
  await store.append([commit("a", 1, ["a2"])], { transaction: one });
  await store.append([commit("b", 1, ["b2"])], { transaction: two });
  const rows = await Promise.all([
    store.append([commit("b", 1, ["b3"])], { transaction: one }),
    store.append([commit("a", 1, ["a3"])], { transaction: two }).finally(() => two.query("ROLLBACK")),
  ]);
  await one.query("ROLLBACK");
  one.release();
  two.release();
  expect(rows.flat().filter(({ status }) => status === "conflict")).toEqual([
    { status: "conflict", actualVersion: 1, transactionAborted: true },
  ]);
});
