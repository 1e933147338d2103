import { PGlite, types } from "@electric-sql/pglite";
import { drizzle as onPg } from "drizzle-orm/node-postgres";
import { drizzle as onPglite } from "drizzle-orm/pglite";
import { drizzle as onPostgresJs } from "drizzle-orm/postgres-js";
import { drizzle as oldestOnPg } from "drizzle-orm-oldest/node-postgres";
import { drizzle as oldestOnPglite } from "drizzle-orm-oldest/pglite";
import { drizzle as oldestOnPostgresJs } from "drizzle-orm-oldest/postgres-js";
import pg from "pg";
import postgres from "postgres";
import { expect, test } from "vitest";
import { fromDrizzle } from "../../src/adapters/postgres/from-drizzle.ts";
import { dialect, postgresWords as words } from "../postgres/words.ts";
import { executorContract } from "../sql/executor-contract.ts";
import { createPostgresDatabase } from "../support/servers.ts";
import { openDrizzleExecutor } from "./open-drizzle.ts";

type Make<TClient> = (client: TClient) => Parameters<typeof openDrizzleExecutor>[0] & Parameters<typeof fromDrizzle>[0];

async function openOnPg(make: Make<pg.Pool>) {
  const { url, drop } = await createPostgresDatabase();
  const pool = new pg.Pool({ connectionString: url, max: 5 });
  // One that the server ends while nobody has borrowed it.
  pool.on("error", () => {});
  const db = make(pool);
  return openDrizzleExecutor(db, fromDrizzle(db), () => pool.end().then(drop));
}

async function openOnPostgresJs(make: Make<postgres.Sql>, options: object = {}) {
  const { url, drop } = await createPostgresDatabase();
  const client = postgres(url, { max: 5, onnotice: () => {}, ...options });
  const db = make(client);
  return openDrizzleExecutor(db, fromDrizzle(db), () => client.end({ timeout: 1 }).then(drop));
}

async function openOnPglite(make: Make<PGlite>, options: object = {}) {
  const client = new PGlite(options);
  const db = make(client);
  return openDrizzleExecutor(db, fromDrizzle(db), () => client.close());
}

const logger = { logQuery() {} };

executorContract("Drizzle on pg", { open: () => openOnPg((client) => onPg({ client })), words, dialect });
executorContract("Drizzle on pg, the oldest version", {
  open: () => openOnPg((client) => oldestOnPg({ client })),
  words,
  dialect,
});
executorContract("Drizzle on pg with names and a log of the application's", {
  open: () => openOnPg((client) => onPg({ client, casing: "camelCase", logger })),
  words,
  dialect,
});
executorContract("Drizzle on postgres.js", {
  open: () => openOnPostgresJs((client) => onPostgresJs({ client })),
  words,
  dialect,
});
executorContract("Drizzle on postgres.js, the oldest version", {
  open: () => openOnPostgresJs((client) => oldestOnPostgresJs({ client })),
  words,
  dialect,
});
executorContract("Drizzle on postgres.js with names in camel case, and with values and rows of the application's", {
  open: () =>
    openOnPostgresJs((client) => onPostgresJs({ client, casing: "snake_case", logger }), {
      transform: {
        ...postgres.camel,
        value: (value: unknown) => value ?? undefined,
        row: (row: object) => ({ ...row, more: 1 }),
      },
      types: { bigint: postgres.BigInt },
      prepare: false,
    }),
  words,
  dialect,
});
executorContract("Drizzle on PGlite", { open: () => openOnPglite((client) => onPglite({ client })), words, dialect });
executorContract("Drizzle on PGlite, the oldest version, with parsers of the application's", {
  open: () => openOnPglite((client) => oldestOnPglite({ client }), { parsers: { [types.INT8]: BigInt } }),
  words,
  dialect,
});

test("a single client, in whose transactions everything would run, makes no executor", () => {
  const db = onPg({ client: new pg.Client() });
  expect(() => fromDrizzle(db)).toThrow(expect.objectContaining({ code: "unsupported" }));
});
