import { createRepository } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { commitOf, readAll, storedIds, take, upTo, write } from "../../src/testing/contract/events.ts";
import { Note } from "../repository/note.ts";
import { openDatabase, openStore, rejection, tempFile } from "../support/temp-database.ts";

describe("B2: a file that was restored from a copy", () => {
  test("made by VACUUM INTO keeps positions, and whoever follows the log goes on from where it was", async () => {
    const { store, database } = await openStore();
    for (const n of upTo(5)) await write(store, commitOf(`t${n}`, 0, [{}]));
    const before = await readAll(store);
    const file = tempFile();
    database.exec(`VACUUM INTO '${file}'`);

    const restored = createSqliteStore(openDatabase(file), { onWarning: () => {} });
    onTestFinished(() => restored.close());
    expect(await readAll(restored)).toEqual(before);
    const cursor = before[2]?.position as number;
    const following = restored.subscribe({ after: cursor });
    await write(restored, commitOf("t1", 1, ["new"]));
    const told = await take(following, 3);
    await following.return?.();
    expect(told.map(({ eventId }) => eventId)).toEqual([before[3]?.eventId, before[4]?.eventId, "new"]);
    expect(told[2]?.position).toBeGreaterThan(before[4]?.position as number);
  });
});

describe("B3: somebody else's transaction that writes and stays open", () => {
  test.for(["WAL", "DELETE"] as const)("holds up no reader and nobody who follows the log (%s)", async (journal) => {
    const { store, file } = await openStore({ journal, busyTimeout: 50 });
    await write(store, commitOf("t", 0, ["a", "b"]));
    const following = store.subscribe({ after: 0 });
    const other = openDatabase(file);
    other.exec("CREATE TABLE application (text TEXT); BEGIN IMMEDIATE; INSERT INTO application VALUES ('open')");
    expect((await take(following, 2)).map(({ eventId }) => eventId)).toEqual(["a", "b"]);
    expect(await storedIds(store, "t")).toEqual(["a", "b"]);
    expect(await readAll(store)).toHaveLength(2);
    expect(await store.status()).toMatchObject({ frontier: 2 });
    await following.return?.();
    // Only who writes has to wait, and is told for whom.
    expect(await rejection(store.append([commitOf("t", 2, ["c"])]))).toMatchObject({ code: "database_busy" });
    other.exec("COMMIT");
    await write(store, commitOf("t", 2, ["c"]));
  });
});

describe("B16: a log beyond", () => {
  test.for([
    ["31 bits", 2 ** 31 - 2],
    ["32 bits", 2 ** 32 - 2],
    ["what a double tells apart, almost", Number.MAX_SAFE_INTEGER - 5],
  ] as const)("%s has positions like any other", async ([, last]) => {
    const { store, database } = await openStore();
    const notes = createRepository(Note, { adapter: store, snapshot: { frequency: 2 } });
    database.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('ventyd_log', ?)").run(BigInt(last));
    const { entity, position } = await notes.create({ entityId: "n", body: { text: "one" } });
    for (const text of ["two", "three"]) {
      entity.edit(text);
      await notes.commit(entity);
    }
    const positions = [last + 1, last + 2, last + 3];
    expect(position).toBe(last + 1);
    expect((await readAll(store)).map((event) => event.position)).toEqual(positions);
    expect((await readAll(store, { after: last + 1, order: "desc" })).map((event) => event.position)).toEqual(
      positions.slice(1).toReversed(),
    );
    expect((await store.status()).frontier).toBe(last + 3);
    expect((await notes.findOneOrThrow({ entityId: "n", position: last + 2 })).state.text).toBe("two");
    expect((await notes.findOneOrThrow({ entityId: "n" })).state.text).toBe("three");
    const following = store.subscribe({ after: last + 2 });
    expect((await take(following, 1))[0]?.position).toBe(last + 3);
    await following.return?.();
  });
});

describe("B17: where another connection has the whole file to itself", () => {
  test("store.transaction waits for its turn, like every other call", async () => {
    const { store, file } = await openStore({ journal: "DELETE" });
    const other = openDatabase(file);
    other.exec("BEGIN EXCLUSIVE");
    const work = store.transaction(async () => (await write(store, commitOf("t", 0, ["a"]))).length);
    const load = storedIds(store, "t");
    // By then each has tried, and waits.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    other.exec("COMMIT");
    expect(await work).toBe(1);
    expect(await load).toEqual(expect.any(Array));
  });

  test("a store that cannot be opened in time says so", async () => {
    const { file } = await openStore({ journal: "DELETE" });
    const other = openDatabase(file);
    other.exec("BEGIN EXCLUSIVE");
    expect(() => createSqliteStore(openDatabase(file, { timeout: 10 }), { busyTimeout: 10 })).toThrow(
      expect.objectContaining({ code: "database_busy", retryable: true }),
    );
  });
});
