import assert from "node:assert/strict";
import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import type { SqlDialect, SqlFailure } from "../../src/adapters/sql/dialect.ts";
import type { SqlConnection, SqlExecutor, SqlValue } from "../../src/adapters/sql/executor.ts";
import { inSavepoint } from "../../src/adapters/sql/in-savepoint.ts";

/** What databases say differently. */
export interface SqlWords {
  /** The n-th parameter, from 1, as a value of some type. */
  param(n: number, type: "text" | "bigint"): string;
  /** The elements of the n-th parameter, a list; absent where there are no lists. */
  readonly elements?: (n: number, type: "text" | "bigint") => string;
  /** A table `t` with a whole number `id` for its key and a long text `s`. */
  readonly createTable: string;
  /** The number of the connection, as `id`; absent where there is no server, whose connections end and of which several write at a time. */
  readonly connectionId?: string;
  /** Ends a connection; absent as `connectionId` is. */
  readonly kill?: (id: number) => string;
  /** Lets a transaction wait for locks only briefly. */
  readonly shortPatience: string;
  quote(name: string): string;
  /** True where a transaction in which a statement failed can only be aborted. */
  readonly failureAborts: boolean;
}

/** A transaction that the application has opened with its own means. */
export interface ApplicationTransaction {
  readonly client: object;
  run(sql: string): Promise<unknown>;
  commit(): Promise<unknown>;
  abort(): Promise<unknown>;
}

/** An executor, opened on a database of its own. */
export interface OpenExecutor {
  readonly executor: SqlExecutor<object>;
  openTransaction(): Promise<ApplicationTransaction>;
  /** Runs a statement of the application's on the client of a transaction of ours. */
  run(client: object, sql: string): Promise<unknown>;
  /** What is no handle with a transaction, though it is of this driver: pools, databases. */
  readonly notJoined: readonly unknown[];
  close(): Promise<unknown>;
}

/** An executor on trial. */
export interface ExecutorUnderTest {
  open(): Promise<OpenExecutor>;
  readonly words: SqlWords;
  readonly dialect: SqlDialect;
}

/** What the stores count on in an executor, whichever driver or ORM it speaks through. */
export function executorContract(name: string, { open, words, dialect }: ExecutorUnderTest): void {
  describe(name, () => {
    let opened: OpenExecutor;
    let executor: SqlExecutor<object>;
    beforeAll(async () => {
      opened = await open();
      executor = opened.executor;
      await executor.execute(words.createTable);
    });
    beforeEach(() => executor.execute("DELETE FROM t"));
    afterAll(() => opened?.close());

    const { param, elements } = words;
    const insert = (connection: SqlConnection, id: number, s: string | null = null) =>
      connection.execute(`INSERT INTO t (id, s) VALUES (${param(1, "bigint")}, ${param(2, "text")})`, [id, s]);
    const ids = async (connection: SqlConnection = executor) => {
      const rows = await connection.execute<{ id: unknown }>("SELECT id FROM t ORDER BY id");
      return rows.map(({ id }) => Number(id));
    };
    const echo = async (value: SqlValue, type: "text" | "bigint") => {
      const [row] = await executor.execute<{ value: unknown }>(`SELECT ${param(1, type)} AS value`, [value]);
      return row?.value;
    };
    const failureOf = async (work: Promise<unknown>): Promise<SqlFailure | undefined> => {
      const error = await rejection(work);
      assert.ok(error instanceof Error, "what is thrown is an Error");
      return dialect.classify(error);
    };
    const kill = async (connection: SqlConnection) => {
      const [row] = await connection.execute<{ id: unknown }>(words.connectionId as string);
      await executor.execute(words.kill?.(Number(row?.id)) as string);
    };
    /** As the stores do it. */
    const inStep = (connection: SqlConnection, work: (step: SqlConnection) => Promise<unknown>) =>
      inSavepoint(connection, dialect, async (step) => ({ value: await work(step), keep: true }));
    const aborted = new Error("aborted");
    /** Cases that need a second connection at the same time. */
    const onSeveral = (title: string, work: () => Promise<void>, needsServer = false) =>
      test(title, async ({ skip }) => {
        if (executor.hasOneConnection === true) skip("there is one connection");
        if (needsServer && words.kill === undefined) skip("there is no server");
        await work();
      });
    /** Cases that need a second one to write, or to be ended. */
    const onServer = (title: string, work: () => Promise<void>) => onSeveral(title, work, true);

    describe("parameters", () => {
      test("of text arrive as they are: quotes, line ends, every plane of Unicode, what looks like a parameter", async () => {
        for (const text of [
          'it\'s "quoted" \\',
          "a\r\nb\tc",
          "\u00e9\u20ac\u{1F600}\uFFFF",
          " ",
          "$1 ? :a @b {c,NULL}",
        ])
          assert.equal(await echo(text, "text"), text);
      });
      test("of an empty text are no NULL, and null is NULL", async () => {
        assert.equal(await echo("", "text"), "");
        for (const type of ["text", "bigint"] as const) assert.equal(await echo(null, type), null);
      });
      test("of ten megabytes arrive whole, and are stored so", async () => {
        const text = "\u20ac".repeat(3_500_000);
        await insert(executor, 1, text);
        const [row] = await executor.execute<{ s: string }>("SELECT s FROM t");
        assert.equal(row?.s === text, true);
      });
      test("of whole numbers arrive exactly, up to 2^53 - 1", async () => {
        for (const n of [0, 1, -1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
          await executor.execute("DELETE FROM t");
          await insert(executor, n);
          assert.deepEqual(await ids(), [n]);
          assert.equal(Number(await echo(n, "bigint")), n);
        }
      });
      test("serve as bounds and as a limit", async () => {
        for (const id of [1, 2, 3]) await insert(executor, id);
        const rows = await executor.execute<{ id: unknown }>(
          `SELECT id FROM t WHERE id > ${param(1, "bigint")} AND id <= ${param(2, "bigint")} ORDER BY id LIMIT ${param(3, "bigint")}`,
          [0, 3, 2],
        );
        assert.deepEqual(
          rows.map(({ id }) => Number(id)),
          [1, 2],
        );
      });
      test("of one statement may differ from one time to the next, also when many run at once", async () => {
        const texts = Array.from({ length: 100 }, (_, n) => (n % 10 === 0 ? null : `text ${n}`));
        assert.deepEqual(await Promise.all(texts.map((text) => echo(text, "text"))), texts);
      });
      if (elements !== undefined) {
        const listed = async (values: readonly (string | number | null)[], type: "text" | "bigint") => {
          const rows = await executor.execute<{ value: unknown }>(`SELECT value FROM ${elements(1, type)}`, [values]);
          return rows.map(({ value }) => value);
        };
        test("of lists arrive whole and in order, with what is empty, null or needs quotes in it", async () => {
          const texts = ["a", "", null, "NULL", 'say "hi"', "a\\b", "{a,b}", "a,b", "\u{1F600}\n", " "];
          for (const list of [texts, [null, ...texts], [null], []]) assert.deepEqual(await listed(list, "text"), list);
        });
        test("of lists of numbers are exact, also where the first one is null", async () => {
          for (const list of [[1, 2 ** 31, Number.MAX_SAFE_INTEGER], [null, -1], [0], []]) {
            const found = await listed(list, "bigint");
            assert.deepEqual(
              found.map((value) => (value === null ? null : Number(value))),
              list,
            );
          }
        });
        test("of a list may be as long as a large commit", async () => {
          const list = Array.from({ length: 10_000 }, (_, n) => `text ${n}`);
          assert.deepEqual(await listed(list, "text"), list);
        });
      }
    });

    describe("rows", () => {
      test("are ordinary objects with the columns that were asked for, under the names that were given them", async () => {
        await insert(executor, 7, "text");
        const [row] = await executor.execute<{ eventId: unknown; snake_case: unknown; s: unknown }>(
          `SELECT id AS ${words.quote("eventId")}, s AS snake_case, NULL AS absent, s FROM t`,
        );
        assert.deepEqual(
          { ...row, eventId: Number(row?.eventId) },
          { eventId: 7, snake_case: "text", absent: null, s: "text" },
        );
      });
      test("come in their order, and none is an empty list", async () => {
        for (const id of [3, 1, 2]) await insert(executor, id);
        assert.deepEqual(await ids(), [1, 2, 3]);
        await executor.execute("DELETE FROM t");
        assert.deepEqual([...(await executor.execute("SELECT id FROM t"))], []);
        assert.equal(Array.isArray(await executor.execute("SELECT id FROM t")), true);
      });
    });

    describe("transactions", () => {
      test("that resolve are stored, with the value that they came to", async () => {
        const value = await executor.transaction(async (transaction) => {
          await insert(transaction, 1);
          return { some: "value" };
        });
        assert.deepEqual(value, { some: "value" });
        assert.deepEqual(await ids(), [1]);
      });
      test("that reject leave nothing, and pass on the very error", async () => {
        const work = executor.transaction(async (transaction) => {
          await insert(transaction, 1);
          throw aborted;
        });
        assert.equal(await rejection(work), aborted);
        assert.deepEqual(await ids(), []);
      });
      test("are over when they settle: hundreds, one after the other, leave the connections as they were", async () => {
        for (let n = 0; n < 300; n++) {
          const work = executor.transaction(async (transaction) => {
            await insert(transaction, n);
            if (n % 2 === 0) throw aborted;
          });
          await work.catch((error) => assert.equal(error, aborted));
        }
        assert.equal((await ids()).length, 150);
      });
      test("at once keep apart", async () => {
        const numbers = Array.from({ length: 30 }, (_, n) => n);
        await Promise.allSettled(
          numbers.map((n) =>
            executor.transaction(async (transaction) => {
              await insert(transaction, n);
              await insert(transaction, n + 100);
              if (n % 3 === 0) throw aborted;
            }),
          ),
        );
        const kept = numbers.filter((n) => n % 3 !== 0);
        assert.deepEqual(await ids(), [...kept, ...kept.map((n) => n + 100)]);
      });
      onSeveral("are not seen from outside before they have committed", async () => {
        await executor.transaction(async (transaction) => {
          await insert(transaction, 1);
          assert.deepEqual(await ids(), []);
          assert.deepEqual(await ids(transaction), [1]);
        });
        assert.deepEqual(await ids(), [1]);
      });
      onServer("see what others commit meanwhile", async () => {
        await executor.transaction(async (transaction) => {
          assert.deepEqual(await ids(transaction), []);
          await insert(executor, 1);
          assert.deepEqual(await ids(transaction), [1]);
        });
      });
      test("run the application's statements on their client", async () => {
        await executor.transaction(async (transaction) => {
          await opened.run(transaction.client, "INSERT INTO t (id) VALUES (5)");
          assert.deepEqual(await ids(transaction), [5]);
        });
        assert.deepEqual(await ids(), [5]);
      });
      test("go on after a step that failed, which leaves nothing", async () => {
        await executor.transaction(async (transaction) => {
          await insert(transaction, 1);
          const step = inStep(transaction, async (within) => {
            await insert(within, 2);
            await insert(within, 1);
          });
          await rejection(step);
          await inStep(transaction, (within) => insert(within, 3));
        });
        assert.deepEqual(await ids(), [1, 3]);
      });
      if (words.failureAborts) {
        test("in which a statement failed never commit in silence", async () => {
          const work = executor.transaction(async (transaction) => {
            await insert(transaction, 1);
            await rejection(insert(transaction, 1));
          });
          await rejection(work);
          assert.deepEqual(await ids(), []);
        });
      }
    });

    describe("errors", () => {
      test("of the application's own constraints and of syntax are none that the stores deal with", async () => {
        await insert(executor, 1);
        for (const sql of ["INSERT INTO t (id) VALUES (1)", "SELEC 1", "SELECT 1 FROM nowhere"]) {
          assert.equal(await failureOf(executor.execute(sql)), undefined);
          assert.equal(await failureOf(executor.transaction((transaction) => transaction.execute(sql))), undefined);
        }
        assert.deepEqual(await ids(), [1]);
      });
      onSeveral("say so when a lock was not to be had in time", async () => {
        await insert(executor, 1);
        await executor.transaction(async (holder) => {
          await holder.execute("UPDATE t SET s = 'a' WHERE id = 1");
          const other = executor.transaction(async (transaction) => {
            await transaction.execute(words.shortPatience);
            await transaction.execute("UPDATE t SET s = 'b' WHERE id = 1");
          });
          assert.equal(await failureOf(other), "lock_timeout");
        });
      });
      onServer("say so when transactions wait for each other", async () => {
        for (const id of [1, 2]) await insert(executor, id);
        const update = (connection: SqlConnection, id: number) =>
          connection.execute(`UPDATE t SET s = 'a' WHERE id = ${id}`);
        let arrived = 0;
        let open = () => {};
        const both = new Promise<void>((resolve) => {
          open = resolve;
        });
        const outcomes = await Promise.allSettled(
          [1, 2].map((id) =>
            executor.transaction(async (transaction) => {
              await update(transaction, id);
              if (++arrived === 2) open();
              await both;
              await update(transaction, 3 - id);
            }),
          ),
        );
        const failures = outcomes.flatMap((one) => (one.status === "rejected" ? [dialect.classify(one.reason)] : []));
        assert.deepEqual(failures, ["deadlock"]);
      });
      onServer(
        "of a connection that is ended under a statement or between two are told apart, and the next call is served",
        async () => {
          for (const isIdle of [true, false]) {
            const work = executor.transaction(async (transaction) => {
              await insert(transaction, 1);
              await kill(transaction);
              if (isIdle) await new Promise((resolve) => setTimeout(resolve, 100));
              await insert(transaction, 2);
            });
            assert.equal(await failureOf(work), "connection_lost");
            assert.deepEqual(await ids(), []);
          }
        },
      );
      onServer("of a connection that is ended before COMMIT are no success", async () => {
        const work = executor.transaction(async (transaction) => {
          await insert(transaction, 1);
          await kill(transaction);
          await new Promise((resolve) => setTimeout(resolve, 100));
        });
        assert.equal(await failureOf(work), "connection_lost");
        assert.deepEqual(await ids(), []);
      });
      onServer("of a connection that is ended inside a step are no success of the step", async () => {
        const work = executor.transaction((transaction) =>
          inStep(transaction, async (within) => {
            await kill(within);
            await insert(within, 1);
          }),
        );
        await rejection(work);
        assert.deepEqual(await ids(), []);
      });
    });

    describe("a transaction of the application's", () => {
      test("is joined by its handle, and commits or aborts what was done there", async () => {
        for (const end of ["commit", "abort"] as const) {
          const { client, run, ...transaction } = await opened.openTransaction();
          const joined = executor.join(client);
          assert.ok(joined);
          await insert(joined, 1);
          await run("INSERT INTO t (id) VALUES (2)");
          assert.deepEqual(await ids(joined), [1, 2]);
          await transaction[end]();
          assert.deepEqual(await ids(), end === "commit" ? [1, 2] : []);
          await executor.execute("DELETE FROM t");
        }
      });
      test("goes on and commits after a step of ours that failed", async () => {
        const { client, run, commit } = await opened.openTransaction();
        const joined = executor.join(client) as SqlConnection;
        await run("INSERT INTO t (id) VALUES (1)");
        const step = inStep(joined, async (within) => {
          await insert(within, 2);
          await insert(within, 1);
        });
        await rejection(step);
        await inStep(joined, (within) => insert(within, 3));
        await commit();
        assert.deepEqual(await ids(), [1, 3]);
      });
      test("that has ended takes no step any more", async () => {
        const { client, commit } = await opened.openTransaction();
        const joined = executor.join(client) as SqlConnection;
        await commit();
        await rejection(inStep(joined, (within) => insert(within, 1)));
        assert.deepEqual(await ids(), []);
      });
      test("is none of what is no handle with a transaction", () => {
        for (const stranger of [{}, () => {}, new Map(), { query() {} }, { execute() {} }, ...opened.notJoined])
          assert.equal(executor.join(stranger as object), undefined);
      });
      test("that keeps the only connection lets calls of ours wait, and give up without effect", async ({ skip }) => {
        if (executor.hasOneConnection !== true) skip("there are several connections");
        const { run, commit } = await opened.openTransaction();
        await run("INSERT INTO t (id) VALUES (1)");
        const calls = [insert(executor, 2), executor.transaction((transaction) => insert(transaction, 3))];
        for (const call of calls) assert.equal(await failureOf(call), "lock_timeout");
        await commit();
        // What was told that it had failed has no effect later either.
        assert.deepEqual(await ids(), [1]);
      });
    });
  });
}

/** What a promise is rejected with. */
async function rejection(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: "it was not rejected" });
}
