import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import postgres from "postgres";
import type { EventStore } from "ventyd";
import { createPostgresStore, type PostgresDatabase } from "ventyd/postgres";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { commitOf, ids, take, upTo, write } from "../../src/testing/contract/events.ts";
import { createPostgresDatabase } from "../support/servers.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Makes stores that have nothing in common but the database; closed when the running test has ended. */
type OpenStore = () => EventStore;

function storeOn(database: PostgresDatabase, close: () => Promise<unknown> = async () => {}): EventStore {
  const store = createPostgresStore(database);
  onTestFinished(async () => {
    await store.close();
    await close();
  });
  return store;
}

async function openServer() {
  const { url: connectionString, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const client = new pg.Client({ connectionString });
  await client.connect();
  onTestFinished(() => client.end());
  /** Who listens in this database. */
  const listeners = async (): Promise<number[]> => {
    const sql = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN "ventyd_%' ORDER BY backend_start`;
    return (await client.query(sql)).rows.map(({ pid }) => pid);
  };
  const poolStore = (options: pg.PoolConfig = {}) => {
    const pool = new pg.Pool({ connectionString, max: 3, ...options });
    pool.on("error", () => {});
    return storeOn(pool, () => pool.end());
  };
  return { url: connectionString, run: (sql: string) => client.query(sql), listeners, poolStore };
}

async function until<T>(look: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await look();
    if (isSo(value)) return value;
    await pause(20);
  }
}

/**
 * Resolves when a subscription has looked in vain for so long that it looks as rarely as it ever does.
 *
 * @param once what becomes of that look: it never comes, so that only a hint can wake the subscription.
 */
async function untilRare(once: "it looks" | "it never looks", interval = 250): Promise<void> {
  const real = globalThis.setTimeout;
  const { promise, resolve } = Promise.withResolvers<void>();
  const spy = vi.spyOn(globalThis, "setTimeout").mockImplementation(((callback: () => void, milliseconds?: number) => {
    if (milliseconds !== interval) return real(callback, milliseconds);
    resolve();
    return once === "it looks" ? real(callback, milliseconds) : real(() => {}, 2 ** 31 - 1);
  }) as typeof setTimeout);
  await promise;
  spy.mockRestore();
}

describe("hints", () => {
  const drivers: Readonly<Record<string, () => Promise<OpenStore>>> = {
    "pg, over two pools": async () => (await openServer()).poolStore,
    async "postgres.js, over two pools"() {
      const { url } = await openServer();
      return () => {
        const sql = postgres(url, { max: 3, onnotice: () => {} });
        return storeOn(sql, () => sql.end({ timeout: 1 }));
      };
    },
    async PGlite() {
      const database = new PGlite();
      onTestFinished(() => database.close());
      return () => storeOn(database);
    },
  };
  test.each(Object.entries(drivers))(
    "%s: what one store commits wakes a subscriber of another, who would not have looked by himself",
    async (_, open) => {
      const openStore = await open();
      const [writer, reader] = [openStore(), openStore()];
      await writer.migrate();
      const subscription = reader.subscribe({ after: 0 });
      for (const id of ["a", "b", "c"]) {
        const next = take(subscription, 1);
        await untilRare("it never looks");
        await write(writer, commitOf(id, 0, [id]));
        expect(ids(await next)).toEqual([id]);
      }
      await subscription.return?.();
    },
  );

  test("are listened for from the first loop on until the last one has ended, and until the store is closed", async () => {
    const { listeners, poolStore } = await openServer();
    const store = poolStore();
    await store.migrate();
    const idle = store.subscribe();
    await write(store, commitOf("a", 0, ["a1"]));
    expect(await listeners()).toEqual([]);
    const [first, second] = [store.subscribe({ after: 0 }), store.subscribe({ after: 0 })];
    await Promise.all([take(first, 1), take(second, 1)]);
    const [pid] = await until(listeners, ({ length }) => length === 1);
    await first.return?.();
    await write(store, commitOf("a", 1, ["a2"]));
    await take(second, 1);
    expect(await listeners()).toEqual([pid]);
    await second.return?.();
    await until(listeners, ({ length }) => length === 0);

    expect((await idle.next()).value.eventId).toBe("a1");
    await until(listeners, ({ length }) => length === 1);
    await store.close();
    expect(await listeners()).toEqual([]);
  });

  test("whose listener the server ends cost time and no event, and are heard again later", async () => {
    const { listeners, poolStore, run } = await openServer();
    const [writer, reader] = [poolStore(), poolStore()];
    await writer.migrate();
    const subscription = reader.subscribe();
    const seen = take(subscription, 60);
    let [pid] = await until(listeners, ({ length }) => length === 1);
    for (const n of upTo(60)) {
      if (n % 20 === 0) {
        await run(`SELECT pg_terminate_backend(${pid})`);
        // What is stored while nobody listens, and about when somebody does again.
        for (const m of upTo(5)) await write(writer, commitOf(`deaf${n}.${m}`, 0, [`deaf${n}.${m}`]));
        [pid] = await until(listeners, ([other]) => other !== undefined && other !== pid);
      } else if (n % 20 < 16) await write(writer, commitOf(`e${n}`, 0, [`e${n}`]));
    }
    const stored = upTo(60).flatMap((n) =>
      n % 20 === 0 ? upTo(5).map((m) => `deaf${n}.${m}`) : n % 20 < 16 ? [`e${n}`] : [],
    );
    expect(ids(await seen)).toEqual(stored);
    const next = take(subscription, 1);
    await untilRare("it never looks");
    await write(writer, commitOf("heard", 0, ["heard"]));
    expect(ids(await next)).toEqual(["heard"]);
    await subscription.return?.();
  });

  const poolers: Readonly<Record<string, (sql: string) => string>> = {
    "refuses LISTEN": (sql) => sql.replace(/^LISTEN/, "REFUSED"),
    "takes LISTEN and passes nothing on": (sql) => sql.replace(/^LISTEN/, "UNLISTEN"),
    "refuses NOTIFY": (sql) => sql.replace("pg_notify", "refused"),
  };
  test.each(Object.entries(poolers))("behind a pooler that %s: nothing is lost", async (_, asPassedOn) => {
    class Client extends pg.Client {
      // biome-ignore lint/suspicious/noExplicitAny: as overloaded as pg's own
      override query(sql: any, ...rest: any[]): any {
        return super.query(typeof sql === "string" ? asPassedOn(sql) : sql, ...(rest as []));
      }
    }
    const { poolStore } = await openServer();
    const [writer, reader] = [poolStore({ Client } as pg.PoolConfig), poolStore({ Client } as pg.PoolConfig)];
    await writer.migrate();
    const subscription = reader.subscribe({ after: 0 });
    const seen = take(subscription, 40);
    for (const n of upTo(40)) await write(writer, commitOf(`t${n % 3}`, "any", [`e${n}`]));
    expect(ids(await seen)).toEqual(upTo(40).map((n) => `e${n}`));
    // Also after it has looked in vain for long.
    const next = take(subscription, 1);
    await untilRare("it looks", asPassedOn("LISTEN").startsWith("REFUSED") ? 100 : 250);
    await write(writer, commitOf("late", 0, ["late"]));
    expect(ids(await next)).toEqual(["late"]);
    await subscription.return?.();
  });
});
