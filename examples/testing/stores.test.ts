import Database from "better-sqlite3";
import { createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { createSqliteStore } from "ventyd/sqlite";
import { expect, test } from "vitest";
import { Post } from "./post.ts";

test("a forgotten migrate() is found by a test on SQLite, and not by one in memory", async () => {
  const inMemory = createRepository(Post, { adapter: createMemoryStore() });
  const onSqlite = createRepository(Post, { adapter: createSqliteStore(new Database(":memory:")) });
  const body = { title: "Hello" };
  await expect(inMemory.create({ body })).resolves.toMatchObject({ version: 1 });
  await expect(onSqlite.create({ body })).rejects.toMatchObject({ code: "schema_missing" });
});
