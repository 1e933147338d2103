import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createMysqlDatabase, createPostgresDatabase, type OwnDatabase } from "../../test/support/servers.ts";

const main = path.join(import.meta.dirname, "main.ts");
const fixture = path.join(import.meta.dirname, "fixtures/unusual.ndjson");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "repository-history-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const command = ["--conditions=ventyd-source", main];
// Temporary databases go where the test tidies up, and nothing above that counts as a repository.
const environment = () => ({
  ...process.env,
  TMPDIR: folder,
  TEMP: folder,
  GIT_CEILING_DIRECTORIES: path.dirname(folder),
});

function run(...options: string[]) {
  return runWith({}, ...options);
}

function runWith(variables: NodeJS.ProcessEnv, ...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, ...options], {
    encoding: "utf8",
    env: { ...environment(), ...variables },
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
    for (const option of ["--git", "--file", "--as-of", "--store", "--url", "--database", "--json"])
      expect(stdout).toContain(option);
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
    ["a store that does not exist", ["--store", "redis"], /Unknown store: redis.*sqlite, pglite, postgres, mysql/],
    ["a server for a file", ["--url", "postgres://host/db"], /--store sqlite has no server: .*--database/],
    ["a file for a server", ["--store", "mysql", "--database", "x"], /--store mysql .*give its --url/],
    [
      "a URL of another server",
      ["--store", "postgres", "--url", "mysql://a:secret@b/c"],
      /mysql:\/\/a@b\/c.* such as postgres:/,
    ],
    ["a URL that is none", ["--store", "mysql", "--url", "localhost"], /localhost\. Give one such as mysql:/],
    [
      "a server that does not run",
      ["--store", "postgres", "--url", "postgres://a:secret@127.0.0.1:1/c"],
      /Cannot use PostgreSQL at postgres:\/\/a@127\.0\.0\.1:1\/c: connect ECONNREFUSED.*--url postgres:.*VENTYD_POSTGRES_URL/,
    ],
    [
      "another one",
      ["--store", "mysql", "--url", "mysql://a:secret@127.0.0.1:1/"],
      /Cannot use MySQL or MariaDB at mysql:\/\/a@127\.0\.0\.1:1\/: connect ECONNREFUSED.*--url mysql:.*VENTYD_MYSQL_URL/,
    ],
    [
      "a folder of PGlite that cannot be",
      ["--store", "pglite", "--database", fixture],
      /Cannot open the database .*unusual/,
    ],
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

describe("every store", () => {
  const redux = path.join(import.meta.dirname, "data/redux-history.ndjson");
  const figures = {
    commits: 2407,
    events: 7210,
    entities: 1131,
    alive: 448,
    lines: 207934,
    asOf: { at: "2016-01-01T00:00:00Z", alive: 215, lines: 13499 },
    rollback: { entityId: "package.json", toVersion: 111, ok: true },
  };

  const goneMessage = /(does not exist|Unknown database).*ventyd_demo_|ventyd_demo_.*does not exist/;

  async function ownDatabase(create: () => Promise<OwnDatabase>): Promise<string> {
    const { url, drop } = await create();
    onTestFinished(drop);
    return url;
  }

  test.each([
    ["sqlite", async () => ["--database", database("redux.db")]],
    ["pglite", async () => ["--database", database("redux")]],
    ["postgres", async () => ["--url", await ownDatabase(createPostgresDatabase)]],
    ["mysql", async () => ["--url", await ownDatabase(createMysqlDatabase)]],
  ])("%s gives the same figures, and again from the same database", async (store, makePlace) => {
    const place = ["--store", store, ...(await makePlace())];
    const { status, stdout, stderr } = run(...place, "--file", redux, "--as-of", "2016-01-01T00:00:00Z", "--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({ ...figures, database: place[3], seconds: expect.any(Number) });

    const again = run(...place, "--file", redux);
    expect({ status: again.status, stderr: again.stderr }).toEqual({ status: 0, stderr: "" });
    expect(again.stdout).toContain("7,210 events were stored already");
    expect(again.stdout).toContain("2,407 commits, 7,210 events, 1,131 files");
    expect(again.stdout).toContain(`The events are in ${place[3]}`);
    expect(again.stdout.match(/✓/g)).toHaveLength(3);
  });

  describe.each([
    ["postgres", "VENTYD_POSTGRES_URL", createPostgresDatabase],
    ["mysql", "VENTYD_MYSQL_URL", createMysqlDatabase],
  ] as const)("%s without a name", (store, variable, create) => {
    test("makes a database for the run, and drops it", async () => {
      const url = await ownDatabase(create);
      const first = runWith({ [variable]: url }, "--store", store, "--file", fixture, "--json");
      expect({ status: first.status, stderr: first.stderr }).toEqual({ status: 0, stderr: "" });
      const { database: own, rollback } = JSON.parse(first.stdout);
      expect(rollback).toEqual({ entityId: "a.txt", toVersion: 2, ok: true });
      expect(own).toMatch(/\/ventyd_demo_\w+$/);
      const gone = run("--store", store, "--url", own, "--file", fixture);
      expect(gone.stderr).toMatch(goneMessage);
      expect(gone.status).toBe(1);

      const server = new URL(url);
      server.pathname = "/";
      const { stdout } = run("--store", store, "--url", server.href, "--file", fixture);
      expect(stdout).not.toContain("stored already");
      expect(stdout).toMatch(/were in a database for this run, now dropped: .*\/ventyd_demo_\w+\n$/);
    });

    test("drops it when the tour is interrupted", async () => {
      const url = await ownDatabase(create);
      const child = spawn(process.execPath, [...command, "--store", store, "--file", redux], {
        env: { ...environment(), [variable]: url },
      });
      const [shown] = await once(child.stdout, "data");
      const own = / into (\S+)$/m.exec(String(shown))?.[1] as string;
      child.kill("SIGINT");
      const [status] = await once(child, "exit");
      expect(status).toBe(130);
      expect(run("--store", store, "--url", own).stderr).toMatch(goneMessage);
    });
  });
});
