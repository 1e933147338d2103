import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { StoredEvent } from "ventyd";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqlite } from "./databases/sqlite.ts";
import type { FileDatabase } from "./file-repository.ts";
import type { Commit, History } from "./history.ts";
import { importHistory } from "./import-history.ts";
import { readNdjsonHistory } from "./ndjson-history.ts";
import { silentTerminal } from "./terminal.ts";
import { collect } from "./test-helpers.ts";
import { takeTour } from "./tour.ts";

const redux = path.join(import.meta.dirname, "data/redux-history.ndjson");
const unusual = path.join(import.meta.dirname, "fixtures/unusual.ndjson");

let folder: string;
let files: FileDatabase;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "repository-history-test-"));
  files = await openSqlite(path.join(folder, "history.db"));
});
afterEach(async () => {
  await files.close();
  rmSync(folder, { recursive: true });
});

const tour = (file: string, asOf?: string) =>
  takeTour({ files, history: readNdjsonHistory(file), source: file, asOf, terminal: silentTerminal });

async function stored(): Promise<StoredEvent[]> {
  return collect(files.store.read());
}

async function* only(...commits: Commit[]): History {
  yield* commits;
}

const commit = (id: string, changes: Commit["changes"], rest: Partial<Commit> = {}): Commit => ({
  commit: id,
  author: "Ann",
  at: "2024-01-01T00:00:00Z",
  subject: "Change files",
  changes,
  ...rest,
});

describe("the history of redux", () => {
  const figures = {
    commits: 2407,
    events: 7210,
    entities: 1131,
    alive: 448,
    lines: 207934,
    asOf: { at: "2016-01-01T00:00:00Z", alive: 215, lines: 13499 },
    rollback: { entityId: "package.json", toVersion: 111, ok: true },
  };

  test("gives the known figures, and the same ones again from the same database", async () => {
    expect(await tour(redux, "2016-01-01T00:00:00Z")).toEqual(figures);
    const first = await stored();
    expect(first).toHaveLength(7210 + 1);

    expect(await tour(redux, "2016-01-01T00:00:00Z")).toEqual(figures);
    const second = await stored();
    expect(second.slice(0, -1)).toEqual(first);
    expect(second.at(-1)).toMatchObject({ eventName: "file:$rolled_back", version: 225, body: { toVersion: 111 } });
  });

  test("is dated by its middle commit unless told otherwise", async () => {
    const { asOf } = await tour(redux);
    expect(asOf).toEqual({ at: "2015-12-29T16:00:12-05:00", alive: 215, lines: 13497 });
  });

  test("continues where an import was cut off", async () => {
    async function* cutOff(): History {
      let left = 1000;
      for await (const next of readNdjsonHistory(redux)) {
        if (left-- === 0) throw new Error("the power went");
        yield next;
      }
    }
    await expect(importHistory(files.repository, cutOff())).rejects.toThrow("the power went");
    const before = await stored();
    expect(before.length).toBeGreaterThan(1000);

    const { events, written } = await importHistory(files.repository, readNdjsonHistory(redux));
    expect([events, written]).toEqual([7210, 7210 - before.length]);
    const after = await stored();
    expect(after).toHaveLength(7210);
    expect(after.slice(0, before.length)).toEqual(before);
  });
});

describe("a history with what the other one lacks", () => {
  test("comes out as worked out by hand", async () => {
    const imported = await importHistory(files.repository, readNdjsonHistory(unusual));
    expect(imported).toMatchObject({ commits: 7, events: 19, written: 19, at: "2024-01-07T10:00:00-08:00" });
    const states = Object.fromEntries([...imported.files].map(([id, { state }]) => [id, state]));
    expect(states).toEqual({
      // 10, then twice in one commit (+5 -2, +1), moved away with 14 lines, and modified (-4) although it is gone.
      "a.txt": { exists: true, lines: -4, revisions: 5, authors: ["Ann", "Bob", "Cid"] },
      // 20 lines are replaced by a's 14 + 1, which the chain takes away.
      "b.txt": { exists: false, lines: 0, revisions: 3, authors: ["Ann", "Bob"] },
      // 30 lines are replaced by b's 15, which move on at once.
      "c.txt": { exists: false, lines: 0, revisions: 3, authors: ["Ann", "Bob"] },
      // 0 of a file never seen, +3 -1; moved to e, and back from there with one more.
      "d.txt": { exists: true, lines: 3, revisions: 3, authors: ["(unknown)", "Bob"] },
      // c's 15 + 2, then d's 2: what was there before is lost, for changes apply one after another.
      "e.txt": { exists: false, lines: 0, revisions: 3, authors: ["Bob"] },
      "nowhere.txt": { exists: false, lines: 0, revisions: 1, authors: ["(unknown)"] },
      "ghost.bin": { exists: false, lines: 0, revisions: 1, authors: ["Cid"] },
    });
  });

  test("reads the same from the database", async () => {
    const imported = await importHistory(files.repository, readNdjsonHistory(unusual));
    for (const [entityId, { state, version }] of imported.files) {
      const loaded = await files.repository.findOneOrThrow({ entityId });
      expect([loaded.version, loaded.state]).toEqual([version, state]);
    }
  });

  test("gives the figures of a tour", async () => {
    const { rollback, ...figures } = await tour(unusual, "2024-01-03T10:00:00Z");
    expect(figures).toEqual({
      commits: 7,
      events: 19,
      entities: 7,
      alive: 2,
      lines: -1,
      // b with 15 lines and c with 30; the other date is the same instant in another zone.
      asOf: { at: "2024-01-03T10:00:00Z", alive: 2, lines: 45 },
    });
    expect(rollback).toEqual({ entityId: "a.txt", toVersion: 2, ok: true });
    const { asOf } = await tour(unusual, "2024-01-03T23:59:59+13:59");
    expect(asOf).toMatchObject({ alive: 2, lines: 45 });
  });

  test("says who, when and why of every event", async () => {
    await importHistory(files.repository, readNdjsonHistory(unusual));
    const events = await stored();
    expect(events.filter(({ metadata }) => metadata.correlationId === "c4")).toMatchObject([
      {
        eventId: "c4:0",
        eventName: "file:moved_away",
        entityId: "nowhere.txt",
        eventCreatedAt: "2024-01-04T10:00:00Z",
        body: { author: "(unknown)", to: "d.txt" },
        metadata: { actor: "(unknown)", reason: "(no message)" },
      },
      {
        eventId: "c4:1",
        eventName: "file:moved_in",
        entityId: "d.txt",
        body: { author: "(unknown)", from: "nowhere.txt", lines: 2, added: 3, removed: 1 },
      },
    ]);
    expect(events.find(({ eventId }) => eventId === "c1:2")).toMatchObject({
      eventCreatedAt: "2024-01-01T10:00:00+02:00",
      body: { author: "Ann", added: 30, removed: 0 },
      metadata: { actor: "Ann", reason: "Three files", correlationId: "c1" },
    });
    expect(events.find(({ eventId }) => eventId === "c3:0")?.metadata.reason).toContain("\u2028");
    expect(events.find(({ eventId }) => eventId === "c7:0")?.body).toEqual({ author: "Cid" });
  });

  test("is stored whole commits at a time", async () => {
    const half = commit("half", [
      { op: "added", path: "new.txt", added: 1, removed: 0 },
      { op: "modified", path: "taken.txt", added: 1, removed: 0 },
    ]);
    await importHistory(files.repository, only(commit("other", [{ op: "added", path: "taken.txt", added: 9 }])));
    await expect(importHistory(files.repository, only(half))).rejects.toThrow(
      'Commit half: the database has other events of "taken.txt" than this history',
    );
    expect((await stored()).map(({ eventId }) => eventId)).toEqual(["other:0"]);
  });
});

describe("whatever a repository holds", () => {
  test("a name or a path that cannot be an id becomes one", async () => {
    const long = `${"very/".repeat(60)}long-é`;
    const names = [long, `${long}er`, "half \uD800 a pair", "half \uDBFF a pair", "n\0l", "日本語".repeat(40)];
    const changes = names.map((name) => ({ op: "added", path: name, added: 1, removed: 0 }) as const);
    const history = only(commit(long, changes, { author: "Ł".repeat(200), subject: "a\0b" }));
    const imported = await importHistory(files.repository, history);

    expect(imported.files.size).toBe(names.length);
    for (const id of imported.files.keys()) expect(Buffer.byteLength(id)).toBeLessThanOrEqual(255);
    const hash = createHash("sha256").update(long, "utf16le").digest("hex").slice(0, 24);
    expect([...imported.files.keys()][0]).toBe(`${long.slice(0, 230)}#${hash}`);
    const [event] = await stored();
    expect(event?.body).toEqual({ author: "Ł".repeat(200), added: 1, removed: 0 });
    expect(event?.metadata).toMatchObject({ actor: expect.stringMatching(/^Ł+#\w{24}$/), reason: "a\uFFFDb" });
  });

  test("one event alone leaves nothing to go back to", async () => {
    const history = only(commit("first", [{ op: "added", path: "a", added: 2, removed: 0 }]));
    const figures = await takeTour({ files, history, source: "one", asOf: undefined, terminal: silentTerminal });
    expect(figures).toMatchObject({ events: 1, alive: 1, lines: 2, rollback: null });
  });

  test("no commit at all is an error", async () => {
    await expect(importHistory(files.repository, only(commit("empty", [])))).rejects.toThrow("The history is empty");
  });
});
