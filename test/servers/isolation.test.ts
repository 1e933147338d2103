import { ConcurrencyError, createRepository, EntityExistsError } from "ventyd";
import { describe, expect, test } from "vitest";
import { rejection } from "../support/promises.ts";
import { Note } from "./note.ts";
import { openDatabase, type Server, servers } from "./servers.ts";

const [postgres, mariadb] = servers as readonly [Server, Server];

/** A note at version 1, a table of the application's, and a transaction of its own that has looked at that, with all of it as it was then. */
async function openTransaction(server: Server, level: string, ...settings: string[]) {
  const { store, connect, run } = await openDatabase(server);
  await run("CREATE TABLE accounts (id int)");
  const notes = createRepository(Note, { adapter: store });
  await notes.create({ entityId: "n", body: { text: "first" } });
  const session = await connect();
  for (const setting of settings) await session.run(setting);
  if (server.kind === "mysql") await session.run(`SET TRANSACTION ISOLATION LEVEL ${level}`);
  await session.run(server.kind === "mysql" ? "START TRANSACTION" : `BEGIN ISOLATION LEVEL ${level}`);
  await session.run("SELECT * FROM accounts");
  const accounts = () => run("SELECT id FROM accounts");
  const texts = async () =>
    (await notes.history({ entityId: "n" })).map(({ after }) => (after as { text: string } | null)?.text);
  return { notes, accounts, texts, run: session.run, within: { transaction: session.client } };
}

const aborted = { code: "concurrency_conflict", inTransaction: true, transactionAborted: true };

describe.each(servers)("$name: the application's own transaction", (server) => {
  test.each(["REPEATABLE READ", "SERIALIZABLE"])("at %s takes commits in, beside its own rows", async (level) => {
    const { notes, accounts, texts, run, within } = await openTransaction(server, level);
    await run("INSERT INTO accounts VALUES (1)");
    await notes.mutate({ entityId: "n" }, (note) => note.change("second"), within);
    await notes.mutate({ entityId: "n" }, (note) => note.change("third"), within);
    await notes.create({ entityId: "o", body: { text: "other" } }, within);
    await notes.mutate({ entityId: "o" }, (note) => note.change("another"), within);
    expect(await notes.findOne({ entityId: "o" })).toBeNull();
    await run("COMMIT");
    expect(await texts()).toEqual(["first", "second", "third"]);
    expect(await notes.findOne({ entityId: "o" })).toMatchObject({ version: 2, state: { text: "another" } });
    expect(await accounts()).toEqual([{ id: 1 }]);
  });
});

describe.each([
  { name: "PostgreSQL: REPEATABLE READ", server: postgres, level: "REPEATABLE READ", settings: [] },
  { name: "PostgreSQL: SERIALIZABLE", server: postgres, level: "SERIALIZABLE", settings: [] },
  {
    name: "MariaDB: REPEATABLE READ with innodb_snapshot_isolation",
    server: mariadb,
    level: "REPEATABLE READ",
    settings: ["SET SESSION innodb_snapshot_isolation = ON"],
  },
])("$name", ({ server, level, settings }) => {
  test("a commit to what others have changed since the first look is a ConcurrencyError, and says that the transaction is over", async () => {
    const { notes, accounts, texts, run, within } = await openTransaction(server, level, ...settings);
    await notes.mutate({ entityId: "n" }, (note) => note.change("theirs"));
    await run("INSERT INTO accounts VALUES (1)");
    const error = await rejection(notes.mutate({ entityId: "n" }, (note) => note.change("ours"), within));
    expect(error).toBeInstanceOf(ConcurrencyError);
    expect(error).toMatchObject({ ...aborted, entityId: "n", expectedVersion: 1 });
    await run("ROLLBACK");
    expect(await texts()).toEqual(["first", "theirs"]);
    expect(await accounts()).toEqual([]);
    await notes.mutate({ entityId: "n" }, (note) => note.change("ours"));
    expect(await texts()).toEqual(["first", "theirs", "ours"]);
  });

  test("so is the creation of what others have created", async () => {
    const { notes, run, within } = await openTransaction(server, level, ...settings);
    await notes.create({ entityId: "o", body: { text: "theirs" } });
    const error = await rejection(notes.create({ entityId: "o", body: { text: "ours" } }, within));
    expect(error).toBeInstanceOf(EntityExistsError);
    expect(error).toMatchObject({ ...aborted, code: "entity_exists" });
    await run("ROLLBACK");
    expect(await notes.findOne({ entityId: "o" })).toMatchObject({ version: 1, state: { text: "theirs" } });
  });
});

describe("MariaDB", () => {
  test("at REPEATABLE READ such a commit is a ConcurrencyError with the version that is stored, and the transaction goes on", async () => {
    const { notes, accounts, texts, run, within } = await openTransaction(mariadb, "REPEATABLE READ");
    await run("INSERT INTO accounts VALUES (1)");
    await notes.mutate({ entityId: "n" }, (note) => note.change("theirs"));
    const error = await rejection(notes.mutate({ entityId: "n" }, (note) => note.change("ours"), within));
    expect(error).toMatchObject({ ...aborted, transactionAborted: false, expectedVersion: 1, actualVersion: 2 });
    await notes.create({ entityId: "o", body: { text: "other" } }, within);
    await run("COMMIT");
    expect(await texts()).toEqual(["first", "theirs"]);
    expect(await notes.findOne({ entityId: "o" })).toMatchObject({ version: 1 });
    expect(await accounts()).toEqual([{ id: 1 }]);
  });

  test("at SERIALIZABLE what was loaded in the transaction is held: of it and of who comes meanwhile one changes it, and the other is told so", async () => {
    const { notes, texts, run, within } = await openTransaction(mariadb, "SERIALIZABLE");
    const ours = await notes.findOneOrThrow({ entityId: "n", ...within });
    const theirs = await notes.findOneOrThrow({ entityId: "n" });
    theirs.change("theirs");
    const outside = notes.commit(theirs).then(
      () => undefined,
      (error: unknown) => error,
    );
    ours.change("ours");
    const inside = await notes.commit(ours, within).then(
      () => undefined,
      (error: unknown) => error,
    );
    await run(inside === undefined ? "COMMIT" : "ROLLBACK");
    if (inside === undefined) {
      expect(await outside).toMatchObject({ code: "concurrency_conflict", actualVersion: 2 });
      expect(await texts()).toEqual(["first", "ours"]);
    } else {
      expect(inside).toMatchObject(aborted);
      expect(await outside).toBeUndefined();
      expect(await texts()).toEqual(["first", "theirs"]);
    }
  });
});
