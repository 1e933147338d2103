import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const main = path.join(import.meta.dirname, "main.ts");
const fixture = path.join(import.meta.dirname, "fixtures/unusual.ndjson");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "repository-history-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--conditions=ventyd-source", main, ...options], {
    encoding: "utf8",
    // Temporary databases go where the test tidies up, and nothing above that counts as a repository.
    env: { ...process.env, TMPDIR: folder, TEMP: folder, GIT_CEILING_DIRECTORIES: path.dirname(folder) },
  });
  return { status, stdout, stderr };
}

const database = (name: string) => path.join(folder, name);

describe("the command", () => {
  test("prints one line of JSON and nothing else, the same one for the same database", () => {
    const options = ["--json", "--file", fixture, "--database", database("twice.db")];
    const [first, second] = [run(...options), run(...options)];
    for (const { status, stdout, stderr } of [first, second]) {
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout.split("\n")).toHaveLength(2);
      const { seconds, ...figures } = JSON.parse(stdout);
      expect(figures).toEqual({
        commits: 7,
        events: 19,
        entities: 7,
        alive: 2,
        lines: -1,
        asOf: { at: "2024-01-04T10:00:00Z", alive: 3, lines: 47 },
        rollback: { entityId: "a.txt", toVersion: 2, ok: true },
        database: database("twice.db"),
      });
      expect(seconds).toBeGreaterThan(0);
    }
  });

  test("shows the tour, with every proof in it", () => {
    const { status, stdout, stderr } = run("--file", fixture);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toContain("\x1b");
    expect(stdout).toContain("7 commits, 19 events, 7 files");
    expect(stdout).toMatch(
      /v2 {2}2024-01-02 {2}Bob +modified +A path twice in a commit +lines 10 → 13, authors \+ "Bob"/,
    );
    expect(stdout).toMatch(/v6 {2}\d{4}-\d\d-\d\d {2}you +\$rolled_back +Rollbacks delete nothing +.*lines -4 → 13/);
    expect(stdout.match(/✓/g)).toHaveLength(3);
    expect(stdout).not.toContain("✗");
    const file = /^The events are in (.+)$/m.exec(stdout)?.[1] as string;
    expect(existsSync(file)).toBe(true);
  });

  test("shows a commit message without the escape sequences in it", () => {
    const file = path.join(folder, "escape.ndjson");
    const commit = {
      commit: "c1",
      author: "\x1b[31mEve",
      at: "2024-01-01T00:00:00Z",
      subject: "\x1b]0;title\x07 \u202etxet",
      changes: [{ op: "added", path: "a\x1b[2Jb", added: 1, removed: 0 }],
    };
    writeFileSync(file, JSON.stringify(commit));
    const { status, stdout } = run("--file", file);
    expect(status).toBe(0);
    expect(stdout).toContain("·]0;title· ·txet");
    for (const character of ["\x1b", "\x07", "\u202e"]) expect(stdout).not.toContain(character);
  });

  test("reads the repository that it stands in", ({ skip }) => {
    const inside = spawnSync("git", ["-C", import.meta.dirname, "rev-parse", "--is-shallow-repository"], {
      encoding: "utf8",
    });
    if (inside.stdout.trim() !== "false") skip("this checkout has no git history, or not all of it");
    const { status, stdout } = run("--json");
    expect(status).toBe(0);
    const count = spawnSync("git", ["-C", import.meta.dirname, "rev-list", "--count", "--no-merges", "HEAD"], {
      encoding: "utf8",
    });
    const { commits, events, entities } = JSON.parse(stdout);
    expect(commits).toBeLessThanOrEqual(Number(count.stdout));
    expect(commits).toBeGreaterThan(0);
    expect(events).toBeGreaterThanOrEqual(entities);
  });

  test("explains its options", () => {
    const { status, stdout } = run("--help");
    expect(status).toBe(0);
    for (const option of ["--git", "--file", "--as-of", "--database", "--json"]) expect(stdout).toContain(option);
  });

  test.each([
    ["an option that does not exist", ["--bogus"], /Unknown option '--bogus'/],
    ["an option without its value", ["--file"], /--file <value>.* argument missing/],
    ["an argument too many", ["redux"], /Unexpected argument 'redux'/],
    ["two histories", ["--git", ".", "--file", fixture], /--git or --file, not both/],
    ["a date that is none", ["--file", fixture, "--as-of", "2024-02-30T00:00:00Z"], /Invalid instant: .*"2024-02-30/],
    ["a date without a time", ["--file", fixture, "--as-of", "2024-02-28"], /Invalid instant: .*"2024-02-28"/],
    ["a file that is not there", ["--file", "/nowhere/history.ndjson"], /Cannot read \/nowhere\/history\.ndjson/],
    ["a line that is no commit", ["--file", main], /main\.ts, line 1: /],
    ["a database that cannot be", ["--file", fixture, "--database", "/nowhere/history.db"], /Cannot open the database/],
    [
      "a database that is none",
      ["--file", fixture, "--database", fixture],
      /Cannot open the database .*not a database/,
    ],
    ["a folder that is not there", ["--git", "/nowhere"], /\/nowhere is not a folder/],
  ])("answers %s with one line, and without a stack", (_, options, message) => {
    const { status, stderr } = run(...options);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(status).toBe(1);
  });

  test("looks at the date before it imports anything", () => {
    const file = database("not yet.db");
    expect(run("--file", fixture, "--database", file, "--as-of", "soon")).toMatchObject({ status: 1, stdout: "" });
    expect(run("--file", fixture, "--database", file).stdout).not.toContain("stored already");
  });

  test("answers a folder without git with one line", () => {
    const { status, stderr } = run("--json", "--git", folder);
    expect(stderr).toMatch(/^git cannot read .*not a git repository.*\n$/);
    expect(status).toBe(1);
  });
});
