import { parseArgs } from "node:util";
import { VentydError } from "ventyd";
import { openDatabase } from "./databases/index.ts";
import type { FileDatabase } from "./file-repository.ts";
import { readGitHistory } from "./git-history.ts";
import { InputError } from "./history.ts";
import { readNdjsonHistory } from "./ndjson-history.ts";
import { createTerminal, silentTerminal } from "./terminal.ts";
import { takeTour } from "./tour.ts";

const help = `Usage: npm run demo -- [options]

Imports the change history of a git repository into a database, then shows what one can ask of it.

  --git <folder>     the repository; default the one that this example stands in
  --file <file>      a history with one commit a line, as JSON, instead of a repository
  --as-of <instant>  date of the time travel, such as 2016-01-01T00:00:00Z; default that of the middle commit
  --store <store>    sqlite (default), postgres, mysql (MariaDB, too) or pglite
  --database <path>  sqlite, pglite: the file, or the folder, where to keep the events; default a new temporary one
  --url <url>        postgres, mysql: the database where to keep the events; without a name in it, or without --url, one is made for this
                     run and dropped at its end, on the server of VENTYD_POSTGRES_URL or VENTYD_MYSQL_URL, or on the one of this machine
  --json             print nothing but the figures, as one line of JSON
  --help             print this`;

let open: FileDatabase | undefined;
let isLeaving = false;

/** Closes what is open, once: a database that was made for this run goes with it. */
async function close(): Promise<void> {
  const files = open;
  open = undefined;
  await files?.close();
}

/** Ends in the middle of the tour, whose next call would find the store closed. */
function leave(exitCode: number): void {
  if (isLeaving) return;
  isLeaving = true;
  void close().finally(() => process.exit(exitCode));
}

async function main(): Promise<void> {
  const start = performance.now();
  const options = readArguments();
  if (options.help) {
    console.log(help);
    return;
  }
  const { git = import.meta.dirname, file, "as-of": asOf, json = false } = options;
  const files = await openDatabase(options);
  open = files;
  try {
    // The repository knows best what an instant is; asked before the import, a slip of the pen costs no time.
    if (asOf !== undefined) await files.repository.findOne({ entityId: ".", at: asOf });

    const terminal = json ? silentTerminal : createTerminal(process.stdout);
    const figures = await takeTour({
      files,
      history: file === undefined ? readGitHistory(git) : readNdjsonHistory(file),
      source: file ?? `the git history of ${git}`,
      asOf,
      terminal,
    });
    terminal.say(
      `\nThe events ${files.isKept ? "are in" : "were in a database for this run, now dropped:"} ${files.place}`,
    );
    const seconds = Math.round(performance.now() - start) / 1000;
    if (json) console.log(JSON.stringify({ ...figures, database: files.place, seconds }));
    if (figures.rollback?.ok === false) process.exitCode = 1;
  } finally {
    await close();
  }
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      git: { type: "string" },
      file: { type: "string" },
      "as-of": { type: "string" },
      store: { type: "string" },
      database: { type: "string" },
      url: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.git !== undefined && values.file !== undefined) throw new InputError("Give --git or --file, not both.");
  return values;
}

/** True for what the user can mend; everything else is a bug, which shows its stack. */
function isUsersError(error: unknown): error is Error {
  if (error instanceof InputError || error instanceof VentydError) return true;
  return error instanceof TypeError && String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");
}

function report(error: unknown): void {
  if (!isUsersError(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

// `npm run demo | head` closes the pipe before the tour is over.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  leave(0);
});
process.once("SIGINT", () => leave(130));

try {
  await main();
} catch (error) {
  // What is closed in the middle of a tour fails.
  if (!isLeaving) report(error);
}
