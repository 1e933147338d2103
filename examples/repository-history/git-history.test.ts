import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSqlite } from "./databases/sqlite.ts";
import { readGitHistory } from "./git-history.ts";
import type { Change, Commit } from "./history.ts";
import { importHistory } from "./import-history.ts";
import { collect } from "./test-helpers.ts";

let folder: string;
let repository: string;
let commits: Commit[];

/** The machine's own configuration must not matter, and inside a git hook not the repository of the hook either. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"))),
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
};

function git(command: string[], { input, env }: { input?: string | Buffer; env?: object } = {}): string {
  return execFileSync("git", ["-C", repository, ...command], {
    input,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...environment, ...env },
  });
}

function commitAll(subject: string, author: string, date: string, ...options: string[]): void {
  git(["add", "--all"]);
  const who = { GIT_AUTHOR_NAME: author, GIT_AUTHOR_EMAIL: "a@example.com" };
  const env = { ...who, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  git(["commit", "--quiet", "--allow-empty-message", "-m", subject, ...options], { env });
}

const at = (file: string) => path.join(repository, file);
const lines = (count: number, text = "line") => Array.from({ length: count }, (_, i) => `${text} ${i}\n`).join("");
const read = (of: string) => collect(readGitHistory(of));
const changes = (subject: string) => commits.find((commit) => commit.subject === subject)?.changes;

const weird = ["tab\tnew\nline.txt", 'quo"te\\.txt', "日本語.md", "12\t3\tnumbers", ":100644 100644 0 1 M", "-", " "];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "git-history-test-"));
  repository = path.join(folder, "repository");
  mkdirSync(repository);
  git(["init", "--quiet", "--initial-branch=main"]);
  const settings = {
    "user.name": "Committer",
    "user.email": "c@example.com",
    "core.autocrlf": "false",
    // What a user may have set, and what must not matter.
    "color.ui": "always",
    "core.quotePath": "true",
    "diff.external": "false",
    "diff.noprefix": "true",
    "diff.relative": "true",
    "diff.renames": "false",
    "format.pretty": "oneline",
    "i18n.logOutputEncoding": "ISO-8859-15",
    "log.showRoot": "false",
    "log.showSignature": "true",
  };
  for (const [name, value] of Object.entries(settings)) git(["config", name, value]);

  for (const name of weird) writeFileSync(at(name), lines(2, name));
  writeFileSync(at("to move.txt"), lines(10));
  writeFileSync(at("logo.bin"), Buffer.from([0, 1, 2, 0]));
  writeFileSync(at("link"), lines(3, "not a link yet"));
  commitAll("Weird names", "Zoë Ünïcode 山田", "2020-02-29T23:59:59+05:45");

  mkdirSync(at("sub folder"));
  renameSync(at("to move.txt"), at("sub folder/moved.txt"));
  writeFileSync(at("sub folder/moved.txt"), `${lines(9)}another end\nand more\n`);
  renameSync(at("logo.bin"), at("brand.bin"));
  commitAll("Rename", "Ann", "2020-03-01T00:00:00-03:30");

  commitAll("Empty", "Ann", "2020-03-02T00:00:00Z", "--allow-empty");

  writeFileSync(at("brand.bin"), Buffer.from([0, 9, 9, 0, 9]));
  chmodSync(at("日本語.md"), 0o755);
  rmSync(at("link"));
  symlinkSync("brand.bin", at("link"));
  commitAll("", "Ann", "2020-03-03T00:00:00Z");

  git(["checkout", "--quiet", "-b", "branch"]);
  writeFileSync(at("on branch.txt"), lines(4));
  commitAll("On a branch", "Jörg €", "2020-03-05T00:00:00Z");
  writeFileSync(at("on branch.txt"), lines(5));
  commitAll("Still on a branch", "Jörg €", "2020-03-07T00:00:00Z");
  git(["checkout", "--quiet", "main"]);
  rmSync(at("-"));
  commitAll("On main", "Ann", "2020-03-04T00:00:00Z");
  writeFileSync(at(" "), lines(1));
  commitAll("Still on main", "Ann", "2020-03-06T00:00:00Z");
  git(["merge", "--quiet", "--no-ff", "-m", "Merge", "branch"]);

  // What only plumbing can write: a path and a name that are not UTF-8, and a time zone that no clock has.
  const blob = git(["hash-object", "-w", "--stdin"], { input: lines(1) }).trim();
  const entry = Buffer.concat([Buffer.from(`100644 ${blob}\t`), Buffer.from([0x66, 0xff]), Buffer.from("\n")]);
  git(["update-index", "--index-info"], { input: entry });
  const raw = Buffer.concat([
    Buffer.from(`tree ${git(["write-tree"]).trim()}\nparent ${git(["rev-parse", "HEAD"]).trim()}\nauthor J`),
    Buffer.from([0xfc]),
    Buffer.from("rg <j@example.com> 1600000000 +5130\ncommitter C <c@example.com> 1600000000 +0000\n\nPlumbing\n"),
  ]);
  git(["reset", "--quiet", "--soft", git(["hash-object", "-t", "commit", "-w", "--stdin"], { input: raw }).trim()]);

  commits = await read(repository);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the history of a git repository", () => {
  test("has every commit but merges and empty ones, branch by branch, parents first", () => {
    const subjects = commits.map(({ subject }) => subject);
    const [branch, main] = [
      ["On a branch", "Still on a branch"],
      ["On main", "Still on main"],
    ];
    const [one, other] = subjects[3] === "On main" ? [main, branch] : [branch, main];
    expect(subjects).toEqual(["Weird names", "Rename", "", ...one, ...other, "Plumbing"]);
    const hashes = git(["log", "--format=%H"]).split("\n");
    for (const { commit } of commits) expect(hashes).toContain(commit);
  });

  test("has names and dates as the author gave them", () => {
    expect(commits[0]).toMatchObject({ author: "Zoë Ünïcode 山田", at: "2020-02-29T23:59:59+05:45" });
    expect(commits[1]).toMatchObject({ author: "Ann", at: "2020-03-01T00:00:00-03:30" });
    expect(commits.find(({ subject }) => subject === "On a branch")).toMatchObject({ author: "Jörg €" });
  });

  test("has paths of any characters", () => {
    const added = (path: string, count: number): Change => ({ op: "added", path, added: count, removed: 0 });
    const expected = [...weird.map((name) => added(name, name.includes("\n") ? 4 : 2)), added("to move.txt", 10)];
    expect(changes("Weird names")).toEqual(
      expect.arrayContaining([...expected, { op: "added", path: "logo.bin" }, added("link", 3)]),
    );
    expect(changes("Weird names")).toHaveLength(weird.length + 3);
  });

  test("finds renames, and counts no lines of binary files", () => {
    expect(changes("Rename")).toHaveLength(2);
    expect(changes("Rename")).toEqual(
      expect.arrayContaining([
        { op: "renamed", path: "sub folder/moved.txt", from: "to move.txt", added: 2, removed: 1 },
        { op: "renamed", path: "brand.bin", from: "logo.bin" },
      ]),
    );
  });

  test("counts changes of the mode and of the type as modifications", () => {
    const modified = changes("");
    expect(modified).toHaveLength(3);
    expect(modified).toContainEqual({ op: "modified", path: "日本語.md", added: 0, removed: 0 });
    expect(modified).toContainEqual({ op: "modified", path: "brand.bin" });
    expect(modified).toContainEqual({ op: "modified", path: "link", added: 1, removed: 3 });
  });

  test("has deletions with the lines that went", () => {
    expect(changes("On main")).toEqual([{ op: "deleted", path: "-", added: 0, removed: 2 }]);
  });

  test("survives what only plumbing can write", () => {
    expect(commits.at(-1)).toMatchObject({
      author: "J\u00fcrg",
      at: "2020-09-13T12:26:40.000Z",
      changes: [{ op: "added", path: "f\u00ff", added: 1, removed: 0 }],
    });
  });

  test("is the same from a folder inside, and where a hook has set the variables of another repository", async () => {
    const names = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"];
    for (const name of names) process.env[name] = "/nowhere";
    try {
      expect(await read(at("sub folder"))).toEqual(commits);
    } finally {
      for (const name of names) delete process.env[name];
    }
  });

  test("comes to the files and lines that git counts at the end", async () => {
    const files = await openSqlite(path.join(folder, "history.db"));
    const imported = await importHistory(files.repository, readGitHistory(repository));
    await files.close();

    const empty = git(["hash-object", "-t", "tree", "--stdin"], { input: "" }).trim();
    const counted = git(["diff", "--numstat", "--no-ext-diff", "--no-renames", "-z", empty, "HEAD"])
      .split("\0")
      .slice(0, -1);
    const alive = [...imported.files.values()].filter(({ state }) => state.exists);
    expect(alive).toHaveLength(counted.length);
    const sum = counted.reduce((total, line) => total + (Number.parseInt(line, 10) || 0), 0);
    expect(alive.reduce((total, { state }) => total + state.lines, 0)).toBe(sum);
  });
});

describe("a folder without a history", () => {
  test("says that it is no folder, or no repository", async () => {
    await expect(read(path.join(folder, "nothing"))).rejects.toThrow(/nothing is not a folder\.$/);
    const bare = path.join(folder, "no repository");
    mkdirSync(bare);
    await expect(read(bare)).rejects.toThrow(/^git cannot read .*no repository: fatal: not a git repository/);
  });

  test("says that it has no commits", async () => {
    const fresh = path.join(folder, "fresh");
    execFileSync("git", ["init", "--quiet", fresh], { env: environment });
    await expect(read(fresh)).rejects.toThrow(/does not have any commits yet/);
  });

  test("says that it is a shallow clone", async () => {
    const shallow = path.join(folder, "shallow");
    execFileSync("git", ["clone", "--quiet", "--depth=1", `file://${repository}`, shallow], { env: environment });
    await expect(read(shallow)).rejects.toThrow(/shallow is a shallow clone/);
  });

  test("says that git is missing", async () => {
    const { PATH } = process.env;
    process.env.PATH = folder;
    try {
      await expect(read(repository)).rejects.toThrow(/^git was not found/);
    } finally {
      process.env.PATH = PATH;
    }
  });
});
