import type { EventStore } from "ventyd";
import { expect } from "vitest";
import type { Server, TestDatabase } from "../../servers/servers.ts";
import { deferred } from "../../support/promises.ts";

/** Resolves when a statement in this database waits for a lock that another one holds. */
export async function someoneWaits({ kind }: Server, { run }: TestDatabase): Promise<void> {
  const waits =
    kind === "postgres"
      ? "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
      : `SELECT count(*) AS n FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id
         WHERE db = DATABASE() AND trx_state = 'LOCK WAIT'`;
  // InnoDB shows the same to whoever looks again within 100 ms.
  await expect
    .poll(async () => Number((await run(waits))[0]?.n), { interval: 150, timeout: 10_000 })
    .toBeGreaterThan(0);
}

/** A transaction of a store that has done its work, and stays open until it is told how to end. */
export interface Paused {
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export async function paused(store: EventStore, work: () => Promise<unknown>): Promise<Paused> {
  const done = deferred<void>();
  const goOn = deferred<boolean>();
  const aborted = new Error("aborted");
  const ended = store.transaction(
    async () => {
      await work();
      done.resolve();
      if (!(await goOn.promise)) throw aborted;
    },
    { timeout: 30_000 },
  );
  await Promise.race([done.promise, ended]);
  return {
    async commit() {
      goOn.resolve(true);
      await ended;
    },
    async abort() {
      goOn.resolve(false);
      await expect(ended).rejects.toBe(aborted);
    },
  };
}
