import { pause } from "../../util/timers.ts";
import type { SqlConnection, SqlExecutor } from "./executor.ts";

/** A statement that may have to wait, and a way to ask for whom. */
interface Wait<T> {
  /** Settles before long, whether or not it was let in. */
  readonly statement: Promise<unknown>;
  ask(): Promise<T | undefined>;
}

/** Ends a transaction without effect. */
const takeBack = Symbol();

/**
 * Lets a statement wait for whoever is in its way, and asks meanwhile, on another connection, who that is. The statement has no effect.
 *
 * @param interval milliseconds from one question to the next.
 * @returns `undefined` where nobody was in its way.
 */
export async function waitedFor<T>(
  executor: SqlExecutor<unknown>,
  begin: (connection: SqlConnection) => Promise<Wait<T>>,
  interval: number,
): Promise<T | undefined> {
  let answer: T | undefined;
  try {
    await executor.transaction(async (connection) => {
      const { statement, ask } = await begin(connection);
      let isOver = false;
      const over = () => {
        isOver = true;
      };
      const end = statement.then(over, over);
      await Promise.race([end, pause(firstQuestion)]);
      while (!isOver && answer === undefined) {
        // Where the pool has no connection left to ask on, the wait ends all the same.
        const question = ask().then((found) => {
          answer ??= found;
        });
        await Promise.race([end, question]);
        if (answer === undefined) await Promise.race([end, pause(interval)]);
      }
      await end;
      throw takeBack;
    });
  } catch (error) {
    if (error !== takeBack) throw error;
  }
  return answer;
}

/** Milliseconds after which a statement that has not been let in is taken to wait. */
const firstQuestion = 5;
