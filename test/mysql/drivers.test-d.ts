import callbacks from "mysql2";
import mysql from "mysql2/promise";
import { createRepository, defineEntity } from "ventyd";
import { createMysqlStore, type MysqlStore } from "ventyd/mysql";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";

const Note = defineEntity("note", {
  state: z.object({}),
  events: { written: z.object({}) },
  initial: "written",
  reduce: { written: () => ({}) },
});

test("a pool of either kind makes a store, whose transactions have that driver's own type for client", () => {
  const store = createMysqlStore(mysql.createPool({}));
  const withCallbacks = createMysqlStore(callbacks.createPool({}));
  expectTypeOf(store).toEqualTypeOf<MysqlStore<mysql.PoolConnection>>();
  expectTypeOf(withCallbacks).toEqualTypeOf<MysqlStore<callbacks.PoolConnection>>();
});

test("a transaction of the same kind can be joined, one of another cannot", async () => {
  const pool = mysql.createPool({});
  const note = Note.create({ body: {} });
  const notes = createRepository(Note, { adapter: createMysqlStore(pool) });
  void notes.commit(note, { transaction: await pool.getConnection() });
  void notes.commit(note, { transaction: await mysql.createConnection("") });
  // @ts-expect-error a pool runs each statement on another connection
  void notes.commit(note, { transaction: pool });
  // @ts-expect-error a connection with callbacks
  void notes.commit(note, { transaction: callbacks.createConnection("") });
});

test("a connection alone makes no store", () => {
  // @ts-expect-error no pool
  createMysqlStore(callbacks.createConnection(""));
});
