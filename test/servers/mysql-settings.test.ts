// MariaDB with settings of its own.
import { existsSync } from "node:fs";
import mysql, { type RowDataPacket } from "mysql2/promise";
import { createMysqlStore } from "ventyd/mysql";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { commitOf, readAll, upTo, write } from "../../src/testing/contract/events.ts";
import { rejection } from "../support/promises.ts";
import { type OwnServer, startMysql } from "../support/servers.ts";

let names = 0;

/** A migrated store in a database of the running test's own. */
async function open(server: OwnServer) {
  const name = `t${++names}`;
  const root = await mysql.createConnection(server.url);
  await root.query(`CREATE DATABASE ${name}`);
  await root.end();
  const pool = mysql.createPool({ uri: `${server.url}${name}`, connectionLimit: 8 });
  onTestFinished(() => pool.end());
  const store = createMysqlStore(pool);
  await store.migrate();
  const one = async (sql: string) => (await pool.query<RowDataPacket[]>(sql))[0][0];
  return { pool, store, one };
}

describe("MariaDB whose sessions draw every third number", () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startMysql("--auto-increment-increment=3", "--auto-increment-offset=2");
  });
  afterAll(() => server?.remove());

  test("positions follow each other without a hole, however they are appended, and tables of the application's keep their numbers", async () => {
    const { pool, store } = await open(server);
    await pool.query("CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY)");
    const numbered = "INSERT INTO orders VALUES (), ()";
    await write(store, commitOf("one", 0, ["o1"]));
    await write(store, commitOf("several", 0, ["s1", "s2", "s3"]));
    await write(store, commitOf("any", "any", ["x1", "x2"]));
    await Promise.all(upTo(20).map((n) => write(store, commitOf(`t${n}`, 0, [`a${n}`, `b${n}`]))));
    await store.transaction(async ({ client }) => {
      await client.query(numbered);
      await store.append([commitOf("one", 1, ["o2"]), commitOf("several", 3, ["s4"])]);
      await client.query(numbered);
    });
    const client = await pool.getConnection();
    await client.query("START TRANSACTION");
    await store.append([commitOf("joined", 0, ["j1", "j2"])], { transaction: client });
    await client.query(numbered);
    await client.query("COMMIT");
    client.release();
    await pool.query("DROP PROCEDURE ventyd_append");
    await write(store, commitOf("one", 2, ["o3"]));
    const events = await readAll(store);
    expect(events.map(({ position }) => position)).toEqual(upTo(51));
    const [orders] = await pool.query<RowDataPacket[]>("SELECT id FROM orders");
    expect(orders.map(({ id }) => id)).toEqual([2, 5, 8, 11, 14, 17]);
  });

  test("what a large append that was aborted leaves is decided in few transactions", async () => {
    const { pool, store, one } = await open(server);
    const client = await pool.getConnection();
    await client.query("START TRANSACTION");
    await store.append(
      [
        commitOf(
          "aborted",
          0,
          upTo(2_000).map((n) => `a${n}`),
        ),
      ],
      { transaction: client },
    );
    await write(store, commitOf("kept", 0, ["k1"]));
    // While it is open, nobody goes past it.
    expect(await readAll(store)).toEqual([]);
    await client.query("ROLLBACK");
    client.release();
    const commits = async () => Number((await one("SHOW GLOBAL STATUS LIKE 'Com_commit'"))?.Value);
    const before = await commits();
    await expect.poll(() => readAll(store)).toMatchObject([{ eventId: "k1" }]);
    expect((await commits()) - before).toBeLessThan(50);
    expect(await one("SELECT count(*) AS n FROM ventyd_log WHERE entity_name = ''")).toEqual({ n: 2_000 });
  });

  test("of holes those are decided that lie before the first one that somebody holds", async () => {
    const { pool, store } = await open(server);
    const begin = async (entityId: string, count: number) => {
      const client = await pool.getConnection();
      await client.query("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
      await client.query("START TRANSACTION");
      const ids = upTo(count).map((n) => `${entityId}${n}`);
      await store.append([commitOf(entityId, 0, ids)], { transaction: client });
      return async (statement: string) => {
        await client.query(statement);
        client.release();
      };
    };
    const [free, held, behind] = [await begin("free", 333), await begin("held", 1), await begin("behind", 333)];
    await write(store, commitOf("last", 0, ["last"]));
    await free("ROLLBACK");
    await behind("ROLLBACK");
    await expect.poll(async () => (await store.status()).frontier).toBe(333);
    await held("COMMIT");
    await expect.poll(() => readAll(store)).toMatchObject([{ position: 334 }, { position: 668 }]);
  });
});

describe("MariaDB that gives up transactions which wait too long", () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startMysql("--innodb-rollback-on-timeout=ON");
  });
  afterAll(() => server?.remove());

  test("a transaction in which an append has waited too long is over, also where its application goes on", async () => {
    const { pool, store } = await open(server);
    await write(store, commitOf("held", 0, ["h1"]));
    const client = await pool.getConnection();
    await client.query("START TRANSACTION");
    await store.append([commitOf("held", 1, ["h2"])], { transaction: client });
    const outcome = store.transaction(
      async ({ client: ours }) => {
        await store.append([commitOf("a", 0, ["a1"])]);
        await ours.query("SET SESSION innodb_lock_wait_timeout = 1");
        expect(await store.append([commitOf("held", 1, ["h3"])])).toMatchObject([
          { status: "conflict", transactionAborted: true },
        ]);
        await store.append([commitOf("b", 0, ["b1"])]).catch(() => {});
      },
      { timeout: 20_000 },
    );
    expect(await rejection(outcome)).toMatchObject({ code: "transaction_aborted" });
    // The first call of a store may be one that joins.
    const joining = await pool.getConnection();
    await joining.query("START TRANSACTION");
    await joining.query("SET SESSION innodb_lock_wait_timeout = 1");
    const rows = await createMysqlStore(pool).append([commitOf("held", 1, ["h4"])], { transaction: joining });
    expect(rows).toMatchObject([{ status: "conflict", transactionAborted: true }]);
    joining.destroy();
    // Without a transaction around it, the call alone has failed.
    expect(await rejection(store.append([commitOf("held", 1, ["h5"])]))).toMatchObject({ code: "database_busy" });
    await client.query("ROLLBACK");
    client.release();
    expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["h1"]);
  });
});

const galera = "/usr/lib/galera/libgalera_smm.so";

test.skipIf(!existsSync(galera))("a node of a Galera cluster is refused, with the reason", async () => {
  const server = await startMysql(
    ...["--wsrep-on=ON", `--wsrep-provider=${galera}`, "--wsrep-cluster-address=gcomm://", "--binlog-format=ROW"],
    ...[
      "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:0;gcache.size=1M",
      "--wsrep-node-address=127.0.0.1",
    ],
  );
  onTestFinished(() => server.remove());
  const { store } = await open(server);
  expect(await rejection(store.append([commitOf("a", 0, ["a1"])]))).toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(/Galera/),
  });
});
