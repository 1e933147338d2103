import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqlite } from "./databases/sqlite.ts";
import type { FileDatabase } from "./file-repository.ts";
import type { History } from "./history.ts";
import { silentTerminal } from "./terminal.ts";
import { takeTour } from "./tour.ts";

let folder: string;
let files: Awaited<ReturnType<typeof openSqlite>>;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "tour-test-"));
  files = await openSqlite(path.join(folder, "history.db"));
});
afterEach(async () => {
  await files.close();
  rmSync(folder, { recursive: true });
});

async function* history(...more: string[]): History {
  for (const [index, path] of ["b", "b", "a", "a", "c", ...more].entries()) {
    const at = `2024-01-0${index + 1}T00:00:00Z`;
    yield { commit: `c${index}`, author: "Ann", at, subject: "Edit", changes: [{ op: "modified", path, added: 1 }] };
  }
}

const quietly = { source: "", asOf: undefined, terminal: silentTerminal };

const rolledBack = async (rollback: FileDatabase["repository"]["rollback"]) => {
  const repository = new Proxy(files.repository, {
    get: (target, name) => (name === "rollback" ? rollback : Reflect.get(target, name).bind(target)),
  });
  return (await takeTour({ ...quietly, history: history(), files: { ...files, repository } })).rollback;
};

test("rolls the busiest file back; of several, the one whose name comes first", async () => {
  const { rollback } = files.repository;
  expect(await rolledBack(rollback.bind(files.repository))).toEqual({ entityId: "a", toVersion: 1, ok: true });
});

test("is not ok when a stored event is no longer what it was, be it by one space", async () => {
  const tampered = await rolledBack(async (...args) => {
    const result = await files.repository.rollback(...args);
    files.database.exec("DROP TRIGGER ventyd_content_no_update");
    const { changes } = files.database.prepare("UPDATE ventyd_content SET body = body || ' ' WHERE position = 3").run();
    expect(changes).toBe(1);
    return result;
  });
  expect(tampered).toEqual({ entityId: "a", toVersion: 1, ok: false });
});

test("is not ok when the rollback leads elsewhere", async () => {
  const elsewhere = await rolledBack(async (_preview, options) => {
    const [file] = await files.repository.findMany({ entityIds: ["a"] });
    const event = { eventName: "file:deleted", body: { author: "Eve" } } as const;
    file?.record(event, {});
    return files.repository.commit(file as NonNullable<typeof file>, options);
  });
  expect(elsewhere).toEqual({ entityId: "a", toVersion: 1, ok: false });
});

test("goes on with a history that has grown, unless it meets the rollback of an earlier tour", async () => {
  await takeTour({ ...quietly, files, history: history() });
  const grown = await takeTour({ ...quietly, files, history: history("c") });
  expect(grown).toMatchObject({ commits: 6, events: 6, rollback: { entityId: "a", ok: true } });
  await expect(takeTour({ ...quietly, files, history: history("c", "a") })).rejects.toThrow(
    'Commit c6: the database has other events of "a" than this history.',
  );
});
