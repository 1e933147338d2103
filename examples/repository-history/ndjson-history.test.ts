import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readNdjsonHistory } from "./ndjson-history.ts";
import { collect } from "./test-helpers.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ndjson-history-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const valid = { commit: "c1", author: "", at: "2024-01-01T00:00:00+01:00", subject: "", changes: [] };
const renamed = { op: "renamed", path: "b", from: "a" };

function read(...lines: unknown[]) {
  const file = path.join(folder, "history.ndjson");
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  writeFileSync(file, text.join("\n"));
  return collect(readNdjsonHistory(file));
}

describe("a history in a file", () => {
  test("has one commit a line, whatever stands between and around them", async () => {
    const second = { ...valid, commit: "c2", subject: "\u2028\r", changes: [renamed] };
    expect(await read(`\uFEFF${JSON.stringify(valid)}\r`, "", "  ", second)).toEqual([valid, second]);
    expect(await read(valid, second, "")).toEqual([valid, second]);
  });

  test("may have lines longer than what is read at once", async () => {
    const long = { ...valid, subject: "é".repeat(100_000) };
    expect(await read(long, valid)).toEqual([long, valid]);
  });

  test.each([
    ["no JSON", "{", /line 3: .*JSON/],
    ["no commit", "[]", /line 3: /],
    ["no hash", { ...valid, commit: "" }, /line 3: commit: /],
    ["no date", { ...valid, at: "yesterday" }, /line 3: at: /],
    ["no change", { ...valid, changes: [{ op: "copied", path: "a" }] }, /line 3: changes\.0\.op: /],
    ["a rename from nowhere", { ...valid, changes: [{ op: "renamed", path: "a" }] }, /line 3: changes\.0\.from: /],
    ["half a line", { ...valid, changes: [{ ...renamed, added: 0.5 }] }, /line 3: changes\.0\.added: /],
  ])("says where there is %s", async (_, line, message) => {
    await expect(read(valid, "", line, valid)).rejects.toThrow(message);
  });

  test("says that it is not there", async () => {
    await expect(collect(readNdjsonHistory(path.join(folder, "nothing")))).rejects.toThrow(/^Cannot read /);
  });
});
