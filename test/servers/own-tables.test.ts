import { describe, expect, test } from "vitest";
import { commitOf, ids, readAll } from "../../src/testing/contract/events.ts";
import { rejection } from "../support/promises.ts";
import { openDatabase, type Server, servers, type TestDatabase } from "./servers.ts";

/** The application's table, whose constraints are named like those of the log. */
const table = "CREATE TABLE accounts (id int, email varchar(100), CONSTRAINT event_id UNIQUE (email))";
const insert = "INSERT INTO accounts VALUES (1, 'a@example.org')";

/** What the driver throws for a unique violation where no store is about. */
async function driversOwn(server: Server, { connect }: TestDatabase) {
  const { run } = await connect();
  await run(table);
  await run(insert);
  const error = await rejection(run(insert));
  expect(error).toMatchObject({ code: server.kind === "postgres" ? "23505" : "ER_DUP_ENTRY" });
  return error;
}

/** Runs a statement on the client of a transaction, and keeps what it threw. */
async function failing(client: unknown, sql: string) {
  const { query } = client as { query(sql: string): Promise<unknown> };
  return rejection(query.call(client, sql));
}

describe.each(servers)("$name: a unique violation of the application's own table", (server) => {
  test("inside store.transaction comes out as the very error that the driver threw, and nothing is stored", async () => {
    const database = await openDatabase(server);
    const { store } = database;
    const own = await driversOwn(server, database);
    let thrown: unknown;
    const transaction = store.transaction(async ({ client }) => {
      await store.append([commitOf("a", 0, ["a1"])]);
      thrown = await failing(client, insert);
      throw thrown;
    });
    const error = await rejection(transaction);
    expect(error).toBe(thrown);
    expect(error).toMatchObject({ name: own.name, code: own.code, message: own.message });
    expect(error.constructor).toBe(own.constructor);
    expect(await readAll(store)).toEqual([]);
  });

  test("in a transaction of the application's that a commit has joined is the driver's own, and goes with all of it", async () => {
    const database = await openDatabase(server);
    const { store, connect } = database;
    const own = await driversOwn(server, database);
    const { client, run } = await connect();
    await run("BEGIN");
    await store.append([commitOf("a", 0, ["a1"])], { transaction: client });
    expect(await failing(client, insert)).toMatchObject({ name: own.name, code: own.code, message: own.message });
    await run("ROLLBACK");
    expect(await readAll(store)).toEqual([]);
  });

  test("that was undone to a savepoint leaves the transaction as good as before", async () => {
    const database = await openDatabase(server);
    const { store } = database;
    await driversOwn(server, database);
    await store.transaction(async ({ client }) => {
      const { query } = client as { query(sql: string): Promise<unknown> };
      await store.append([commitOf("a", 0, ["a1"])]);
      await query.call(client, "SAVEPOINT mine");
      await failing(client, insert);
      await query.call(client, "ROLLBACK TO SAVEPOINT mine");
      await store.append([commitOf("a", 1, ["a2"])]);
    });
    expect(ids(await readAll(store))).toEqual(["a1", "a2"]);
  });
});

describe("PostgreSQL: a unique violation that is looked at when the transaction commits", () => {
  const [postgres] = servers as readonly [Server];

  test("comes out of store.transaction as the driver's own, and nothing is stored", async () => {
    const { store, run } = await openDatabase(postgres);
    await run("CREATE TABLE accounts (id int, email text UNIQUE DEFERRABLE INITIALLY DEFERRED)");
    await run(insert);
    const transaction = store.transaction(async ({ client }) => {
      await store.append([commitOf("a", 0, ["a1"])]);
      await (client as { query(sql: string): Promise<unknown> }).query(insert);
    });
    expect(await rejection(transaction)).toMatchObject({ code: "23505", table: "accounts" });
    expect(await readAll(store)).toEqual([]);
  });
});
