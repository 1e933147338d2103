import { createClient } from "@libsql/client";
import Database from "better-sqlite3";
import { drizzle as onBetterSqlite3 } from "drizzle-orm/better-sqlite3";
import { drizzle } from "drizzle-orm/libsql";
import { drizzle as oldest } from "drizzle-orm-oldest/libsql";
import { fromDrizzle } from "ventyd/sqlite";
import { expect, test } from "vitest";
import { executorContract } from "../sql/executor-contract.ts";
import { dialect, sqliteWords as words } from "../sql/sqlite-words.ts";
import { openDrizzleExecutor } from "./open-drizzle.ts";
import { createSqliteFile } from "./temp-sqlite.ts";

async function open(make: typeof drizzle) {
  const { file, drop } = createSqliteFile();
  const client = createClient({ url: `file:${file}` });
  const db = make({ client, casing: "camelCase" });
  return openDrizzleExecutor(
    db,
    fromDrizzle(db),
    async () => {
      client.close();
      await drop();
    },
    (transaction, text) => (transaction as { run(text: string): PromiseLike<unknown> }).run(text),
  );
}

executorContract("Drizzle on @libsql/client", { open: () => open(drizzle), words, dialect });
executorContract("Drizzle on @libsql/client, the oldest version", {
  open: () => open(oldest as unknown as typeof drizzle),
  words,
  dialect,
});

test("over better-sqlite3 it is the database that a store is made with", () => {
  const client = new Database(":memory:");
  expect(fromDrizzle(onBetterSqlite3({ client }))).toBe(client);
});

test("over anything else there is no store", () => {
  const stranger = { $client: {}, all() {}, transaction: async () => {} };
  expect(() => fromDrizzle(stranger as never)).toThrow(expect.objectContaining({ code: "unsupported" }));
});
