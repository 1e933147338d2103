import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import postgres from "postgres";
import { createRepository, defineEntity } from "ventyd";
import { createPostgresStore, type PostgresDatabase, type PostgresStore } from "ventyd/postgres";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { createPostgresDatabase } from "../support/servers.ts";

const Note = defineEntity("note", {
  state: z.object({ text: z.string() }),
  events: { written: z.object({ text: z.string() }) },
  initial: "written",
  reduce: { written: (_, { body }) => body },
});

const body = { text: "a" };

async function openStore(database: PostgresDatabase, close: () => Promise<unknown>) {
  const store: PostgresStore = createPostgresStore(database);
  onTestFinished(async () => {
    await store.close();
    await close();
  });
  await store.migrate();
  return { store, notes: createRepository(Note, { adapter: store }) };
}

const openers = {
  async PGlite() {
    const database = new PGlite();
    return openStore(database, () => database.close());
  },
  async "a pool of pg with one connection"() {
    const { url, drop } = await createPostgresDatabase();
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    return openStore(pool, () => pool.end().then(drop));
  },
  async "postgres.js with one connection"() {
    const { url, drop } = await createPostgresDatabase();
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    return openStore(sql, () => sql.end().then(drop));
  },
};

test.each(Object.entries(openers))(
  "%s: what stays out of the transaction around it is told so, instead of waiting for itself",
  async (_, open) => {
    const { store, notes } = await open();
    const outside = { transaction: null };
    await store.transaction(async () => {
      const note = await notes.create({ entityId: "1", body });
      const calls = [
        notes.findOne({ entityId: "1", ...outside }),
        notes.create({ body }, outside),
        store.entities({ entityName: "note", ...outside }),
        store.read(outside).next(),
        store.subscribe().next(),
        store.migrate(),
      ];
      const codes = (await Promise.allSettled(calls)).map((call) =>
        call.status === "rejected" ? call.reason.code : "none",
      );
      expect(codes).toEqual(calls.map(() => "transaction_open"));
      expect((await store.status()).openTransaction).toBeDefined();
      expect(note.version).toBe(1);
    });
    expect(await store.entities({ entityName: "note" })).toHaveLength(1);
  },
);

test.each(Object.entries(openers))("%s: calls and transactions at once take turns", async (_, open) => {
  const { store, notes } = await open();
  const seen: string[] = [];
  const reader = (async () => {
    for await (const { entityId } of store.subscribe({ after: 0 })) if (seen.push(entityId) === 60) return;
  })();
  await Promise.all(
    Array.from({ length: 30 }, async (_, n) => {
      await notes.create({ entityId: `a${n}`, body });
      await store.transaction(async () => {
        await notes.create({ entityId: `b${n}`, body });
        await notes.findOneOrThrow({ entityId: `a${n}` });
      });
    }),
  );
  await reader;
  expect(new Set(seen).size).toBe(60);
});

test("PGlite: a call that forgets the application's own transaction gives up, and has no effect later", async () => {
  const database = new PGlite();
  const { store, notes } = await openStore(database, () => database.close());
  await database.transaction(async () => {
    await expect(notes.create({ entityId: "1", body })).rejects.toMatchObject({ code: "database_busy" });
  });
  expect(await store.entities({ entityName: "note" })).toEqual([]);
  await database.transaction(async (transaction) => {
    await notes.create({ entityId: "1", body }, { transaction });
  });
  expect(await store.entities({ entityName: "note" })).toHaveLength(1);
});
