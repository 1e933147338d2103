import type { FrontierHolder } from "../../storage/index.ts";
import { pause } from "../../util/timers.ts";
import type { FrontierSql, SqlDialect } from "./dialect.ts";
import type { SqlConnection, SqlExecutor } from "./executor.ts";

/**
 * Milliseconds for which a hole is left alone. Positions are drawn before they can be seen, so most holes close by themselves; one that is
 * fenced too early costs its writer a second attempt.
 */
const grace = 5;

/** Milliseconds for which a hole that somebody holds is not tried again: trying waits for him. */
const patience = 100;

/** How many positions a look may have to go over again before the frontier is written down anew. */
const step = 100;

/**
 * How far readers may go. Positions are drawn when an event is inserted and seen when its transaction commits, in another order; a reader who went to the
 * highest one that he sees would skip what commits late. So readers go on over positions that follow each other without a hole, and stop at the first one.
 * A hole that stays is fenced: a tombstone is inserted in its place. The database lets it in where the position was drawn for nothing, refuses it
 * where there is an event after all, and lets it wait while that is not decided.
 */
export class Frontier {
  readonly #sql: FrontierSql;
  readonly #classify: SqlDialect["classify"];
  readonly #executor: SqlExecutor<unknown>;
  /** The hole that somebody holds, and when that was found. */
  #held: { readonly position: number; readonly at: number } | undefined;
  /** Up to where what was seen is known to be on the disk. */
  #settled = 0;

  constructor(sql: FrontierSql, classify: SqlDialect["classify"], executor: SqlExecutor<unknown>) {
    this.#sql = sql;
    this.#classify = classify;
    this.#executor = executor;
  }

  /** The frontier as it is now: every event that was acknowledged is below it, unless an append that is still open has drawn a lower position. */
  async position(): Promise<number> {
    let hole: { readonly position: number; readonly since: number } | undefined;
    for (;;) {
      const { start, frontier, isAll, holes } = await this.#sql.reach(this.#executor);
      // Others, and the next look, begin where this one has ended.
      if (frontier - start >= step) await this.#move(frontier);
      const [position] = holes;
      if (position === undefined && !isAll) continue;
      if (position === undefined || this.#isHeld(position)) return this.#settle(frontier);
      if (hole?.position !== position) hole = { position, since: performance.now() };
      const rest = grace - (performance.now() - hole.since);
      if (rest > 0) await pause(rest);
      else if (!(await this.#fence(holes))) this.#held = { position, at: performance.now() };
    }
  }

  /** The frontier that is written down, as a transaction sees it. */
  async noted(transaction: SqlConnection): Promise<number> {
    return (await this.#sql.reach(transaction)).start;
  }

  /** Whose append keeps readers at the frontier. That it cannot be found out is no error. */
  async holder(frontier: number): Promise<FrontierHolder | undefined> {
    return this.#sql.holder(this.#executor, frontier + 1).catch(() => undefined);
  }

  /** Who may only read goes on all the same: others write it down. */
  async #move(position: number): Promise<void> {
    await this.#sql.moveFrontier(this.#executor, position).catch((error) => {
      if (this.#classify(error) !== "read_only") throw error;
    });
  }

  /** Where what is seen may yet be lost, nobody is shown it before it can no more. */
  async #settle(frontier: number): Promise<number> {
    if (this.#sql.settle !== undefined && frontier > this.#settled) {
      await this.#sql.settle(this.#executor);
      this.#settled = frontier;
    }
    return frontier;
  }

  #isHeld(position: number): boolean {
    return this.#held?.position === position && performance.now() - this.#held.at < patience;
  }

  /** @returns false where a writer holds one of them, or where it is for others to do. */
  async #fence(holes: readonly number[]): Promise<boolean> {
    try {
      await this.#executor.transaction((transaction) => this.#sql.fence(transaction, holes));
      return true;
    } catch (error) {
      const failure = this.#classify(error);
      // Nobody holds it where only the connection was lost: who went no further would not see what was acknowledged.
      if (failure === undefined || failure === "connection_lost") throw error;
      return false;
    }
  }
}
