import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestRunner } from "ventyd/testing";
import { isBusy, isReadonlyError } from "../../../src/adapters/sql/dialects/sqlite-errors.ts";
import { alreadyStored } from "../../../src/adapters/sql/migrations/sqlite.ts";
import { readPragma, type SqliteConnection } from "../../../src/adapters/sqlite/connection.ts";
import { accessDatabase } from "../../../src/adapters/sqlite/database.ts";
import { isDuplicateEventId } from "../../../src/adapters/sqlite/driver-errors.ts";
import type { SqliteDatabase, SqliteStatement } from "../../../src/adapters/sqlite/executors/index.ts";

/** A driver of SQLite, as an application opens a database with it. */
export interface DriverUnderTest {
  open(file: string): SqliteDatabase;
  /** Where the driver has such handles. */
  readonly openReadonly?: (file: string) => SqliteDatabase;
  /** Where a handle can be asked for rows that are lists. */
  readonly openWithArrays?: (file: string) => SqliteDatabase;
  /** Where a handle can be asked for bigints. */
  readonly openWithBigints?: (file: string) => SqliteDatabase;
}

/**
 * What the store counts on in a driver: how parameters and types come through, what transactions and second connections do, and which error
 * means what. It needs no more of a test runner than `describe` and `test`, so that it runs wherever the driver does.
 */
export function executorContract({ describe, test }: TestRunner, driver: DriverUnderTest): void {
  const openFile = (open = driver.open) => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), "ventyd-driver-")), "test.db");
    // Read-only handles need something to read.
    const maker = driver.open(file);
    maker.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT) STRICT");
    const database = open === driver.open ? maker : open(file);
    const access = accessDatabase(database, 1_000);
    const openHandles = new Set([maker, database]);
    const close = () => {
      for (const handle of openHandles) handle.close();
      rmSync(path.dirname(file), { recursive: true, force: true });
    };
    return { file, database, access, connection: access.own.connection, openHandles, close };
  };
  type Opened = ReturnType<typeof openFile>;
  const onFile = (title: string, work: (opened: Opened) => void, open?: (file: string) => SqliteDatabase) =>
    test(title, async () => {
      const opened = openFile(open);
      try {
        work(opened);
      } finally {
        opened.close();
      }
    });
  const roundTrip = (connection: SqliteConnection, value: string | null) => {
    connection.run("INSERT INTO t (s) VALUES (?)", value);
    return connection.all<{ s: string | null }>("SELECT s FROM t ORDER BY id DESC LIMIT 1")[0]?.s;
  };
  const messageOf = (work: () => unknown): { message: string; error: unknown } => {
    try {
      work();
    } catch (error) {
      return { message: (error as Error).message, error };
    }
    throw new Error("nothing was thrown");
  };

  describe("parameters and types", () => {
    onFile("text comes back as it is: quotes, line ends, every plane of Unicode", ({ connection }) => {
      for (const text of ['it\'s "quoted"', "a\r\nb\tc", "\u00e9\u20ac\u{1F600}\uFFFF", " ", "?1 :a @b $c"])
        assert.equal(roundTrip(connection, text), text);
    });
    onFile("an empty text is no NULL, and NULL is null", ({ connection }) => {
      assert.equal(roundTrip(connection, ""), "");
      assert.equal(roundTrip(connection, null), null);
    });
    onFile("ten megabytes of text come back whole", ({ connection }) => {
      const text = "\u20ac".repeat(3_500_000);
      assert.equal(roundTrip(connection, text) === text, true);
    });
    onFile("whole numbers up to 2^53 - 1 are stored as integers and come back exactly", ({ connection }) => {
      for (const n of [0, 1, -1, 4294967296, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
        connection.run("DELETE FROM t");
        connection.run("INSERT INTO t (n) VALUES (?)", n);
        const [row] = connection.all<{ n: number; type: string }>("SELECT n, typeof(n) AS type FROM t WHERE n = ?", n);
        assert.deepEqual(row, { n, type: "integer" });
      }
    });
    onFile("numbers serve as bounds and as a limit", ({ connection }) => {
      for (const n of [1, 2, 3]) connection.run("INSERT INTO t (n) VALUES (?)", n);
      const rows = connection.all("SELECT n FROM t WHERE n > ? AND n <= ? ORDER BY n LIMIT ?", 0, 3, 2);
      assert.deepEqual(rows, [{ n: 1 }, { n: 2 }]);
    });
    onFile("rows are ordinary objects with the columns that were asked for", ({ connection }) => {
      const [row] = connection.all<object>("SELECT 1 AS one, 'b' AS two, NULL AS three");
      assert.deepEqual(row, { one: 1, two: "b", three: null });
      assert.equal(Object.getPrototypeOf(row), Object.prototype);
    });
    onFile("no row is an empty list", ({ connection }) => {
      assert.deepEqual(connection.all("SELECT id FROM t"), []);
    });
    onFile("an insert answers with its row id, as a number", ({ connection }) => {
      assert.equal(connection.run("INSERT INTO t (s) VALUES (?)", "a"), 1);
      assert.equal(connection.run("INSERT INTO t (id) VALUES (?)", Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
    });
    onFile("a statement serves again with other parameters", ({ connection }) => {
      const sql = "SELECT ? || '' AS s";
      assert.deepEqual([connection.all(sql, "a"), connection.all(sql, "b")], [[{ s: "a" }], [{ s: "b" }]]);
    });
    onFile("several statements run at once, those with rows included", ({ connection }) => {
      connection.exec("INSERT INTO t (s) VALUES ('a'); SELECT * FROM t; INSERT INTO t (s) VALUES ('b')");
      assert.deepEqual(connection.all("SELECT count(*) AS n FROM t"), [{ n: 2 }]);
    });
    onFile("lists of names can be passed as JSON", ({ connection }) => {
      const rows = connection.all("SELECT value AS v FROM json_each(?)", JSON.stringify(["a", "\u{1F600}"]));
      assert.deepEqual(rows, [{ v: "a" }, { v: "\u{1F600}" }]);
    });
    if (driver.openWithBigints !== undefined) {
      onFile(
        "integers are numbers, though the application has asked its handle for bigints",
        ({ connection }) => {
          assert.equal(connection.run("INSERT INTO t (n) VALUES (7)"), 1);
          assert.deepEqual(connection.all("SELECT n FROM t"), [{ n: 7 }]);
        },
        driver.openWithBigints,
      );
    }
    if (driver.openWithArrays !== undefined) {
      onFile(
        "rows are objects, though the application has asked its handle for lists",
        ({ connection }) => assert.deepEqual(connection.all("SELECT 1 AS one"), [{ one: 1 }]),
        driver.openWithArrays,
      );
    }
  });

  describe("transactions", () => {
    onFile("are seen to begin and to end, also those of the application", ({ connection, database }) => {
      const seen = [connection.inTransaction];
      for (const sql of ["BEGIN", "COMMIT", "BEGIN IMMEDIATE", "ROLLBACK"]) {
        connection.run(sql);
        seen.push(connection.inTransaction);
      }
      for (const sql of ["BEGIN", "COMMIT"]) {
        database.exec(sql);
        seen.push(connection.inTransaction);
      }
      assert.deepEqual(seen, [false, true, false, true, false, true, false]);
    });
    onFile("that are aborted leave nothing, and a savepoint takes back its own part", ({ connection }) => {
      connection.run("BEGIN IMMEDIATE");
      connection.run("INSERT INTO t (s) VALUES ('kept')");
      connection.run("SAVEPOINT inner");
      connection.run("INSERT INTO t (s) VALUES ('gone')");
      connection.run("ROLLBACK TO inner");
      connection.run("RELEASE inner");
      assert.deepEqual(connection.all("SELECT s FROM t"), [{ s: "kept" }]);
      connection.run("ROLLBACK");
      assert.deepEqual(connection.all("SELECT s FROM t"), []);
    });
    onFile("stay open and usable after a statement that failed", ({ connection }) => {
      connection.run("BEGIN IMMEDIATE");
      connection.run("INSERT INTO t (id) VALUES (1)");
      assert.throws(() => connection.run("INSERT INTO t (id) VALUES (1)"));
      assert.equal(connection.inTransaction, true);
      connection.run("INSERT INTO t (id) VALUES (2)");
      connection.run("COMMIT");
      assert.deepEqual(connection.all("SELECT count(*) AS n FROM t"), [{ n: 2 }]);
    });
  });

  describe("a second connection", () => {
    const onTwo = (title: string, work: (opened: Opened & { other: SqliteConnection }) => void) =>
      onFile(title, (opened) => {
        const { client, connection } = opened.access.open();
        try {
          work({ ...opened, other: connection });
        } finally {
          client.close();
        }
      });
    onTwo("sees what is committed, and nothing else", ({ connection, other }) => {
      connection.run("BEGIN IMMEDIATE");
      connection.run("INSERT INTO t (s) VALUES ('a')");
      assert.deepEqual(other.all("SELECT s FROM t"), []);
      connection.run("COMMIT");
      assert.deepEqual(other.all("SELECT s FROM t"), [{ s: "a" }]);
    });
    onTwo("that finds the database taken is told so at once, and told apart", ({ connection, other }) => {
      connection.run("BEGIN IMMEDIATE");
      const since = performance.now();
      const { error } = messageOf(() => other.run("BEGIN IMMEDIATE"));
      // Far below the five seconds for which a driver may wait by itself.
      assert.equal(performance.now() - since < 2_000, true);
      assert.equal(isBusy(error), true);
      assert.equal(other.inTransaction, false);
      connection.run("ROLLBACK");
      other.run("BEGIN IMMEDIATE");
      other.run("COMMIT");
    });
    onTwo("writes while a reader has a transaction open, in WAL mode", ({ connection, other }) => {
      connection.run("BEGIN");
      connection.all("SELECT s FROM t");
      other.run("INSERT INTO t (s) VALUES ('a')");
      assert.deepEqual(connection.all("SELECT s FROM t"), []);
      connection.run("COMMIT");
      assert.deepEqual(connection.all("SELECT s FROM t"), [{ s: "a" }]);
    });
    onFile("has the handle's settings, and the handle keeps its own patience", ({ database, connection }) => {
      for (const [synchronous, keys] of [
        [1, 1],
        [2, 0],
        [3, 1],
      ]) {
        connection.exec(
          `PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = ${keys}; PRAGMA busy_timeout = 123`,
        );
        const { client, connection: other } = accessDatabase(database, 1_000).open(50);
        const settings = ["synchronous", "foreign_keys", "busy_timeout"].map((name) => readPragma(other, name));
        client.close();
        assert.deepEqual(settings, [synchronous, keys, 0]);
        assert.equal(readPragma(connection, "busy_timeout"), 123);
      }
    });
    onFile("can do nothing once it is closed, is in no transaction, and may be closed again", ({ access }) => {
      const { client, connection } = access.open();
      connection.run("BEGIN");
      client.close();
      assert.equal(connection.inTransaction, false);
      assert.equal(access.join(client)?.inTransaction, false);
      assert.throws(() => connection.all("SELECT 1"));
      connection.close();
    });
    onFile("is opened to a file that is there, and makes none", ({ file, access, database, openHandles }) => {
      database.close();
      openHandles.clear();
      rmSync(path.dirname(file), { recursive: true });
      mkdirSync(path.dirname(file));
      assert.throws(() => access.open());
      assert.deepEqual(readdirSync(path.dirname(file)), []);
    });
    onFile("for a transaction cannot be reached through its handle when it has been given back", ({ access }) => {
      for (let n = 0; n < 3; n++) {
        const { connection, client, giveBack } = access.borrow();
        client.exec("BEGIN; INSERT INTO t (s) VALUES ('mine')");
        const statement = (client as { prepare(sql: string): SqliteStatement }).prepare(
          "INSERT INTO t (s) VALUES ('late')",
        );
        connection.run("COMMIT");
        giveBack();
        assert.throws(() => client.exec("INSERT INTO t (s) VALUES ('late')"));
        assert.throws(() => statement.run());
      }
      access.close();
      assert.deepEqual(access.own.connection.all("SELECT s, count(*) AS n FROM t GROUP BY s"), [{ s: "mine", n: 3 }]);
    });
  });

  describe("a handle", () => {
    onFile("is joined where it is on the same file, and only there", ({ file, access, database, openHandles }) => {
      const sameFile = driver.open(file);
      const otherFile = driver.open(path.join(path.dirname(file), "other.db"));
      openHandles.add(sameFile).add(otherFile);
      assert.equal(access.join(database), access.own.connection);
      assert.equal(access.join(sameFile)?.inTransaction, false);
      assert.equal(access.join(sameFile), access.join(sameFile));
      assert.equal(access.join(otherFile), undefined);
      for (const stranger of [{}, { prepare() {} }, new Map()]) assert.equal(access.join(stranger as never), undefined);
      sameFile.close();
      openHandles.delete(sameFile);
      const closed = driver.open(file);
      closed.close();
      assert.equal(access.join(closed), undefined);
    });
    onFile("that is closed is refused, and so is what is none", ({ file }) => {
      const closed = driver.open(file);
      closed.close();
      for (const stranger of [closed, undefined, null, "app.db", {}, { prepare() {} }])
        assert.throws(() => accessDatabase(stranger as never, 1_000), {
          code: "unsupported",
          ability: "sqlite-driver",
        });
    });
    test("in memory has no second connection", async () => {
      const database = driver.open(":memory:");
      try {
        const { isPrivate, own } = accessDatabase(database, 1_000);
        assert.equal(isPrivate, true);
        own.connection.exec("CREATE TABLE t (a)");
        assert.deepEqual(own.connection.all("SELECT name FROM sqlite_master"), [{ name: "t" }]);
      } finally {
        database.close();
      }
    });
    onFile("is left as it was: settings, transactions and the file", ({ file, database }) => {
      const { connection } = accessDatabase(database, 1_000).own;
      const look = () =>
        ["synchronous", "foreign_keys", "busy_timeout", "journal_mode", "schema_version", "secure_delete"].map((name) =>
          readPragma(connection, name),
        );
      const before = [look(), readFileSync(file)];
      accessDatabase(database, 1_000).open().client.close();
      database.exec("BEGIN");
      assert.throws(() => accessDatabase(database, 1_000), { code: "invalid_option" });
      assert.equal(connection.inTransaction, true);
      database.exec("ROLLBACK");
      assert.deepEqual([look(), readFileSync(file)], before);
    });
    onFile("goes on with what it is iterating over", ({ database }) => {
      database.exec("INSERT INTO t (s) VALUES ('a'), ('b'), ('c')");
      const statement = (database as unknown as { prepare(sql: string): { iterate(): Iterable<object> } }).prepare(
        "SELECT s FROM t",
      );
      let count = 0;
      for (const _ of statement.iterate()) if (count++ === 0) accessDatabase(database, 1_000).open().client.close();
      assert.equal(count, 3);
    });
    if (driver.openReadonly !== undefined) {
      onFile(
        "that only reads makes connections that only read",
        ({ access, connection }) => {
          const { client, connection: other } = access.open();
          assert.equal(readPragma(other, "journal_mode"), "wal");
          access.recommend(50);
          try {
            for (const reader of [connection, other]) {
              assert.deepEqual(reader.all("SELECT count(*) AS n FROM t"), [{ n: 0 }]);
              const { error } = messageOf(() => reader.run("INSERT INTO t (s) VALUES ('a')"));
              assert.deepEqual([isReadonlyError(error), isBusy(error)], [true, false]);
            }
          } finally {
            client.close();
          }
        },
        driver.openReadonly,
      );
      onFile("that only reads is told where the recommended mode is not set", ({ file, database, openHandles }) => {
        database.exec("PRAGMA journal_mode = DELETE");
        const reader = driver.openReadonly?.(file) as SqliteDatabase;
        openHandles.add(reader);
        assert.throws(() => accessDatabase(reader, 1_000).recommend(50), { code: "invalid_option" });
      });
      onFile("that may write is not taken for one that only reads while somebody else writes", ({ file, database }) => {
        const writer = driver.open(file);
        writer.exec("BEGIN IMMEDIATE; INSERT INTO t (s) VALUES ('a')");
        const access = accessDatabase(database, 1_000);
        writer.exec("COMMIT");
        writer.close();
        const { client, connection } = access.open();
        connection.run("INSERT INTO t (s) VALUES ('b')");
        client.close();
        assert.deepEqual(access.own.connection.all("SELECT s FROM t"), [{ s: "a" }, { s: "b" }]);
      });
    }
  });

  describe("errors", () => {
    onFile("of triggers carry their text, and nothing but it", ({ connection }) => {
      connection.exec(`CREATE TRIGGER no BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, '${alreadyStored}'); END`);
      const { message, error } = messageOf(() => connection.run("INSERT INTO t (s) VALUES ('a')"));
      assert.equal(message, alreadyStored);
      assert.deepEqual([isDuplicateEventId(error), isBusy(error)], [true, false]);
    });
    onFile("of constraints, tables and syntax say what is wrong, and are no reason to wait", ({ connection }) => {
      connection.run("INSERT INTO t (id) VALUES (1)");
      for (const [sql, said] of [
        ["INSERT INTO t (id) VALUES (1)", /UNIQUE constraint failed: t\.id/],
        ["SELECT 1 FROM nowhere", /no such table: nowhere/],
        ["SELEC 1", /syntax error/],
      ] as const) {
        const { message, error } = messageOf(() => connection.run(sql));
        assert.match(message, said);
        assert.equal(error instanceof Error, true);
        assert.deepEqual([isBusy(error), isReadonlyError(error), isDuplicateEventId(error)], [false, false, false]);
      }
    });
  });

  describe("the recommended settings", () => {
    test("are WAL mode and a wait for the disk, on the handle and on every connection", async () => {
      const opened = openFile();
      try {
        opened.connection.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 123");
        opened.access.recommend(50);
        const { client, connection: other } = opened.access.open();
        for (const connection of [opened.connection, other]) {
          assert.equal(readPragma(connection, "journal_mode"), "wal");
          assert.equal(readPragma(connection, "synchronous"), 2);
        }
        client.close();
        assert.equal(readPragma(opened.connection, "busy_timeout"), 123);
      } finally {
        opened.close();
      }
    });
  });
}
