import { PGlite, type Transaction } from "@electric-sql/pglite";
import { Client, Pool, type PoolClient } from "pg";
import postgres from "postgres";
import { createRepository, defineEntity } from "ventyd";
import { createPostgresStore, type PostgresStore } from "ventyd/postgres";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";

const Note = defineEntity("note", {
  state: z.object({}),
  events: { written: z.object({}) },
  initial: "written",
  reduce: { written: () => ({}) },
});

test("a handle of each driver makes a store, whose transactions have that driver's own type for client", () => {
  const ofPg = createPostgresStore(new Pool());
  const ofPostgresJs = createPostgresStore(postgres());
  const ofPglite = createPostgresStore(new PGlite());
  expectTypeOf(ofPg).toEqualTypeOf<PostgresStore<PoolClient>>();
  expectTypeOf(ofPostgresJs).toEqualTypeOf<PostgresStore<postgres.TransactionSql>>();
  expectTypeOf(ofPglite).toEqualTypeOf<PostgresStore<Transaction>>();
  void ofPg.transaction(async ({ client }) => {
    expectTypeOf(client).toEqualTypeOf<PoolClient>();
  });
  void ofPostgresJs.transaction(async ({ client }) => {
    expectTypeOf(client).toEqualTypeOf<postgres.TransactionSql>();
  });
});

test("an application that has told postgres.js of its own types gets them in the client, too", () => {
  const sql = postgres({ types: { bigint: postgres.BigInt } });
  const store = createPostgresStore(sql);
  expectTypeOf(store).toEqualTypeOf<PostgresStore<postgres.TransactionSql<{ bigint: bigint }>>>();
});

test("a transaction of the same driver can be joined, one of another cannot", async () => {
  const sql = postgres();
  const database = new PGlite();
  const note = Note.create({ body: {} });
  const ofPg = createRepository(Note, { adapter: createPostgresStore(new Pool()) });
  const ofPostgresJs = createRepository(Note, { adapter: createPostgresStore(sql) });
  const ofPglite = createRepository(Note, { adapter: createPostgresStore(database) });
  void ofPg.commit(note, { transaction: await new Pool().connect() });
  void ofPg.commit(note, { transaction: new Client() });
  // @ts-expect-error: a pool runs each statement on another connection
  void ofPg.commit(note, { transaction: new Pool() });
  void ofPostgresJs.commit(note, { transaction: await sql.reserve() });
  // @ts-expect-error: so does this
  void ofPostgresJs.commit(note, { transaction: sql });
  void sql.begin(async (tx) => {
    void ofPostgresJs.commit(note, { transaction: tx });
    // @ts-expect-error: a transaction of another driver is none of this store's
    void ofPg.commit(note, { transaction: tx });
    // @ts-expect-error: nor there
    void ofPglite.commit(note, { transaction: tx });
  });
  void database.transaction(async (tx) => {
    void ofPglite.commit(note, { transaction: tx });
    // @ts-expect-error: a transaction of another driver is none of this store's
    void ofPostgresJs.commit(note, { transaction: tx });
  });
});

test("a store may be named without its driver", () => {
  const store: PostgresStore = createPostgresStore(new Pool());
  expectTypeOf(store.migrate).returns.resolves.toBeVoid();
});

test("what no transactions can be begun on is refused", () => {
  // @ts-expect-error: a string says where a server is, and opens nothing
  createPostgresStore("postgres://localhost/app");
  // @ts-expect-error: a single client can only join a transaction
  createPostgresStore(new Client());
  // @ts-expect-error: only pools, not what they lend
  void new Pool().connect().then((client) => createPostgresStore(client));
});
