import { execFile, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { promisify } from "node:util";
import { type Change, type Commit, type History, InputError } from "./history.ts";
import { split } from "./split.ts";

/** What a user's own configuration must not change about the output. */
const settings = {
  "core.quotePath": "false",
  "diff.ignoreSubmodules": "none",
  "diff.relative": "false",
  "diff.renames": "true",
  "diff.renameLimit": "1000",
  "log.mailmap": "false",
  "log.showRoot": "true",
  "log.showSignature": "false",
};

/** Hash, author, date in two forms, subject: five fields that cannot contain the NUL between them. */
const header = ["%H", "%an", "%aI", "%at", "%s"];

const log = [
  "log",
  "--reverse",
  "--topo-order",
  "--no-merges",
  "-M",
  "--raw",
  "--numstat",
  "-z",
  `--format=${header.join("%x00")}`,
  "--encoding=UTF-8",
  "--diff-algorithm=myers",
  "-O/dev/null",
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
];

const environment = () => ({
  ...process.env,
  LC_ALL: "C",
  GIT_OPTIONAL_LOCKS: "0",
  // Inside a git hook these say which repository is meant; here the folder does.
  GIT_DIR: undefined,
  GIT_COMMON_DIR: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_NAMESPACE: undefined,
  GIT_OBJECT_DIRECTORY: undefined,
  GIT_WORK_TREE: undefined,
});

/** Reads the history of the repository that a folder belongs to, while git prints it: any size will do. */
export async function* readGitHistory(folder: string): History {
  await assertReadable(folder);
  const git = spawn("git", gitArguments(folder, log), { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  const complaints: Buffer[] = [];
  git.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const ended = new Promise<number | null>((resolve) => git.on("close", resolve).on("error", () => resolve(null)));
  try {
    yield* parseLog(split(git.stdout, 0));
    if ((await ended) !== 0) throw new InputError(`git log failed in ${folder}: ${firstLine(complaints)}`);
  } finally {
    git.kill();
  }
}

async function assertReadable(folder: string): Promise<void> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new InputError(`${folder} is not a folder.`);
  const shallow = await ask(folder, "rev-parse", "--is-shallow-repository");
  if (shallow.startsWith("true")) {
    throw new InputError(
      `${folder} is a shallow clone, most of its history is missing. Run \`git fetch --unshallow\`.`,
    );
  }
}

async function ask(folder: string, ...command: string[]): Promise<string> {
  try {
    return (await promisify(execFile)("git", gitArguments(folder, command), { env: environment() })).stdout;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") throw new InputError("git was not found. Install it, or read a file with --file.");
    throw new InputError(`git cannot read ${folder}: ${firstLine([Buffer.from(stderr ?? String(error))])}`);
  }
}

function gitArguments(folder: string, command: readonly string[]): string[] {
  return ["-C", folder, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]), ...command];
}

function firstLine(output: readonly Buffer[]): string {
  return Buffer.concat(output).toString().split("\n", 1)[0] || "it gives no reason";
}

/**
 * Reads what `git log --raw --numstat -z` prints: per commit the header, then an entry for what happened to each file, then an entry for
 * its lines, everything ended by NUL. Paths may look like anything, headers and entries included, but each entry says how many follow it.
 */
async function* parseLog(fields: AsyncIterator<Buffer>): AsyncGenerator<Commit> {
  const next = async () => {
    const { value, done } = await fields.next();
    return done ? undefined : text(value);
  };
  const expected = async () => (await next()) ?? "";

  let field = await next();
  while (field !== undefined) {
    const commit = field;
    if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new InputError(`git log printed what was not expected: ${commit}`);
    const author = await expected();
    const at = instant(await expected(), Number(await expected()));
    const subject = await expected();

    // By path: git names each path once, for renames are found among what was deleted and what was added.
    const changes = new Map<string, Change>();
    for (field = await next(); field !== undefined; field = await next()) {
      const status = /^\n?:\d+ \d+ \w+\.* \w+\.* ([A-Z])\d*$/.exec(field)?.[1];
      const lines = /^(?<added>\d+|-)\t(?<removed>\d+|-)\t(?<path>.*)$/s.exec(field)?.groups;
      if (status !== undefined) {
        const from = status === "R" || status === "C" ? await expected() : undefined;
        const path = await expected();
        changes.set(path, toChange(status, path, from));
      } else if (lines !== undefined) {
        let { path = "" } = lines;
        if (path === "") {
          // A rename: both paths follow.
          await expected();
          path = await expected();
        }
        const change = changes.get(path);
        if (change !== undefined && lines.added !== "-") {
          changes.set(path, { ...change, added: Number(lines.added), removed: Number(lines.removed) });
        }
      } else break;
    }
    if (changes.size > 0) yield { commit, author, at, subject, changes: [...changes.values()] };
  }
}

function toChange(status: string, path: string, from: string | undefined): Change {
  if (status === "R" && from !== undefined) return { op: "renamed", path, from };
  if (status === "A" || status === "C") return { op: "added", path };
  if (status === "D") return { op: "deleted", path };
  // M, or T: a file that became a link, say, is still there.
  return { op: "modified", path };
}

/** Git takes any bytes for a path and a name; those that are not UTF-8 stay distinct when each byte is read as one character. */
function text(bytes: Buffer): string {
  const decoded = bytes.toString();
  return decoded.includes("\uFFFD") && !Buffer.from(decoded).equals(bytes) ? bytes.toString("latin1") : decoded;
}

const latest = Date.parse("9999-12-31T23:59:59Z") / 1000;

/** There are commits dated in impossible time zones, or after the year 9999. */
function instant(iso: string, seconds: number): string {
  if (/^\d{4}-.*(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/.test(iso)) return iso;
  return new Date(Math.min(Math.max(seconds || 0, 0), latest) * 1000).toISOString();
}
