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
  /** Up to where everything is decided, as far as this process has seen, and what was seen is on the disk. */
  #known = 0;

  constructor(sql: FrontierSql, classify: SqlDialect["classify"], executor: SqlExecutor<unknown>) {
    this.#sql = sql;
    this.#classify = classify;
    this.#executor = executor;
  }

  /**
   * The frontier as it is now: every event that was acknowledged before this call is below it, unless an append that is still open has drawn a lower position.
   *
   * @param beyond whoever is content with something beyond a position need not wait until what is open at the end is decided.
   */
  async position(beyond = Number.POSITIVE_INFINITY): Promise<number> {
    const since = performance.now();
    let target: number | undefined;
    for (;;) {
      const { noted, frontier, head, holes } = await this.#sql.reach(this.#executor, this.#known);
      // Others begin where this look has ended.
      if (frontier - noted >= step) await this.#move(frontier);
      // What is drawn from now on was not acknowledged before: where there are always some who write, there would be no end to it.
      target ??= head;
      const open = holes.filter((position) => position < (target as number));
      const [first] = open;
      const isReached = frontier > beyond || frontier >= target || (first !== undefined && this.#isHeld(first));
      if (isReached || first === undefined) await this.#settle(frontier);
      if (isReached) return frontier;
      if (first === undefined) continue;
      const rest = grace - (performance.now() - since);
      if (rest > 0) await pause(rest);
      else if (!(await this.#fence(open))) this.#held = { position: first, at: performance.now() };
    }
  }

  /** The frontier that is written down, as a transaction sees it. */
  async noted(transaction: SqlConnection): Promise<number> {
    return (await this.#sql.reach(transaction, 0)).noted;
  }

  /** Whose append keeps readers at the frontier. That it cannot be found out is no error. */
  async holder(frontier: number): Promise<FrontierHolder | undefined> {
    return this.#sql.holder(this.#executor, frontier + 1).catch(() => undefined);
  }

  /** Who may only read goes on all the same, and nobody waits for those who write: others write it down. */
  async #move(position: number): Promise<void> {
    await this.#sql.moveFrontier(this.#executor, position).catch((error) => {
      const failure = this.#classify(error);
      if (failure !== "read_only" && failure !== "lock_timeout" && failure !== "aborting_timeout") throw error;
    });
  }

  /** Where what is seen may yet be lost, nobody is shown it before it can no more, and no look begins behind it. */
  async #settle(frontier: number): Promise<void> {
    if (frontier <= this.#known) return;
    await this.#sql.settle?.(this.#executor);
    this.#known = Math.max(this.#known, frontier);
  }

  #isHeld(position: number): boolean {
    return this.#held?.position === position && performance.now() - this.#held.at < patience;
  }

  /**
   * One that somebody holds takes back those before it, so fewer are tried then.
   *
   * @returns false where a writer holds the first of them, or where it is for others to do.
   */
  async #fence(holes: readonly number[]): Promise<boolean> {
    for (let some = holes; ; some = some.slice(0, Math.ceil(some.length / 4))) {
      try {
        await this.#executor.transaction((transaction) => this.#sql.fence(transaction, some));
        return true;
      } catch (error) {
        const failure = this.#classify(error);
        // Nobody holds them where only the connection was lost: who went no further would not see what was acknowledged.
        if (failure === undefined || failure === "connection_lost") throw error;
        if (failure === "read_only" || some.length === 1) return false;
      }
    }
  }
}
