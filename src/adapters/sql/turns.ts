import { startTimer } from "../../util/timers.ts";
import { ExecutorFailure } from "./executor-failure.ts";

/** Milliseconds for which a transaction of the application's may keep calls of ours waiting. */
const patience = 5_000;

/** How many transactions of ours are under way on a database, and when the last one ended. */
interface Progress {
  running: number;
  endedAt: number;
}

const progressOf = new WeakMap<object, Progress>();

/**
 * Takes its turn on the one connection that a database has. Whoever waits inside a transaction that the application has opened, and has not said that he
 * belongs to it, would wait for himself: so the wait has an end, as a lock has in other databases, unless it is calls of ours that take turns.
 *
 * @param begin waits for the connection, runs what it is given there, and settles when that is over.
 */
export function inTurn<TClient, T>(
  database: object,
  begin: (run: (client: TClient) => Promise<T>) => Promise<unknown>,
  work: (client: TClient) => Promise<T>,
): Promise<T> {
  const progress = progressOf.get(database) ?? { running: 0, endedAt: 0 };
  progressOf.set(database, progress);
  let hasBegun = false;
  let isGivenUp = false;
  return new Promise<T>((resolve, reject) => {
    const asked = performance.now();
    let stopTimer = () => {};
    const wait = (milliseconds: number) => {
      stopTimer = startTimer(milliseconds, () => {
        const rest = Math.max(asked, progress.endedAt) + patience - performance.now();
        if (progress.running > 0 || rest > 1) return wait(Math.max(rest, 50));
        isGivenUp = true;
        reject(givenUp());
      });
    };
    wait(patience);
    const turn = begin(async (client) => {
      stopTimer();
      if (isGivenUp) throw givenUp();
      hasBegun = true;
      progress.running++;
      return work(client);
    });
    turn
      .then((value) => resolve(value as T), reject)
      .finally(() => {
        stopTimer();
        if (!hasBegun) return;
        progress.running--;
        progress.endedAt = performance.now();
      });
  });
}

function givenUp(): Error {
  return new ExecutorFailure("lock_timeout", `another transaction has held the only connection for ${patience} ms`);
}
