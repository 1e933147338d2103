import { copyFileSync, existsSync } from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { createRepository, type StoredEvent } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { expect, onTestFinished, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { openDatabase, tempFile, tempFolder } from "../support/temp-database.ts";
import { Counter } from "./counter.ts";

/** Is called when a statement has run on any connection, the store's own ones included. */
let onStatement: (sql: string) => void = () => {};

class WatchedDatabase extends Database {
  constructor(file: string, options?: Database.Options) {
    super(file, options);
    const prepare = this.prepare.bind(this);
    const watched = (sql: string) => {
      const statement = prepare(sql);
      const run = statement.run.bind(statement);
      statement.run = (...params) => {
        const result = run(...params);
        onStatement(sql);
        return result;
      };
      return statement;
    };
    this.prepare = watched as typeof this.prepare;
  }
}

interface Image {
  readonly after: string;
  readonly file: string;
}

/** Does something, and takes a copy of the files after each statement: what a process that is killed there leaves behind. */
async function imagesOf(file: string, work: () => Promise<unknown>): Promise<readonly Image[]> {
  const folder = tempFolder();
  const images: Image[] = [];
  onStatement = (after) => {
    const copy = path.join(folder, `${images.length}.db`);
    for (const end of ["", "-wal", "-journal"]) if (existsSync(file + end)) copyFileSync(file + end, copy + end);
    images.push({ after, file: copy });
  };
  try {
    await work();
  } finally {
    onStatement = () => {};
  }
  return images;
}

async function contentsOf({ file }: Image) {
  const database = new Database(file);
  try {
    expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
    const store = createSqliteStore(database, { onWarning: () => {} });
    const events = await readAll(store);
    await store.close();
    return { events, rows: database.prepare("SELECT text FROM application").pluck().all() };
  } finally {
    database.close();
  }
}

const who = { actor: "alice", reason: "to be forgotten" };
const told = (events: readonly StoredEvent[]) =>
  events.map(({ entityId, version, eventName, body }) => `${entityId} ${version} ${eventName} ${JSON.stringify(body)}`);

for (const journal of ["WAL", "DELETE"] as const) {
  async function open() {
    const file = tempFile();
    const database = new WatchedDatabase(file);
    onTestFinished(() => {
      database.close();
    });
    database.pragma(`journal_mode = ${journal}`);
    database.exec("CREATE TABLE application (text TEXT)");
    const store = createSqliteStore(database, { onWarning: () => {} });
    onTestFinished(() => store.close());
    await store.migrate();
    const counters = createRepository(Counter, { adapter: store });
    const { entity: old } = await counters.create({ entityId: "old", body: {} }, who);
    return { file, store, counters, old };
  }
  type Opened = Awaited<ReturnType<typeof open>>;

  const works: readonly (readonly [title: string, work: (opened: Opened) => Promise<unknown>])[] = [
    [
      "a commit of two entities with three events each",
      ({ counters, old }) => {
        const fresh = Counter.create({ entityId: "fresh", body: {} });
        fresh.count(2);
        old.count(3);
        return counters.commit([old, fresh]);
      },
    ],
    [
      "a transaction of the store with rows of the application",
      ({ store, counters, old }) =>
        store.transaction(async ({ client }) => {
          client.prepare("INSERT INTO application VALUES ('before')").run();
          old.count(2);
          await counters.commit(old);
          client.prepare("INSERT INTO application VALUES ('after')").run();
          await counters.create({ entityId: "fresh", body: {} });
        }),
    ],
    ["a rollback", async ({ counters }) => counters.rollback({ entityId: "old", toVersion: 1 }, who)],
    ["an erasure", ({ store }) => store.erase({ entityName: "counter", entityId: "old" }, who)],
    [
      "an import",
      ({ store }) => {
        const event = { eventName: "counter:created", eventCreatedAt: "2024-01-01T00:00:00Z", entityName: "counter" };
        const ids = ["one", "two", "three"];
        return store.import(ids.map((id) => ({ ...event, eventId: id, entityId: id, body: {} })));
      },
    ],
  ];

  test.for(works)(
    `%s is in the files whole or not at all, whichever statement it is interrupted after (${journal})`,
    async ([, work]) => {
      const opened = await open();
      opened.old.count(1);
      await opened.counters.commit(opened.old);
      const none = { events: told(await readAll(opened.store)), rows: [] };
      const images = await imagesOf(opened.file, () => work(opened));
      const whole = {
        events: told(await readAll(opened.store)),
        rows: openDatabase(opened.file).prepare("SELECT text FROM application").pluck().all(),
      };
      expect(whole).not.toEqual(none);

      let interrupted = 0;
      for (const image of images) {
        const { events, rows } = await contentsOf(image);
        const found = { events: told(events), rows };
        const isWhole = JSON.stringify(found) === JSON.stringify(whole);
        expect(found, `after ${image.after}`).toEqual(isWhole ? whole : none);
        // What is committed is there; nothing is before.
        expect(isWhole, `after ${image.after}`).toBe(
          images.indexOf(image) >= images.findLastIndex(({ after }) => after === "COMMIT"),
        );
        if (!isWhole) interrupted++;
      }
      expect(interrupted).toBeGreaterThanOrEqual(3);
    },
  );
}
