import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { VentydError } from "ventyd";
import { openFileDatabase } from "./file-repository.ts";
import { readGitHistory } from "./git-history.ts";
import { InputError } from "./history.ts";
import { readNdjsonHistory } from "./ndjson-history.ts";
import { createTerminal, silentTerminal } from "./terminal.ts";
import { takeTour } from "./tour.ts";

const help = `Usage: npm run demo -- [options]

Imports the change history of a git repository into SQLite, then shows what one can ask of it.

  --git <folder>     the repository; default the one that this example stands in
  --file <file>      a history with one commit a line, as JSON, instead of a repository
  --as-of <instant>  date of the time travel, such as 2016-01-01T00:00:00Z; default that of the middle commit
  --database <file>  where to keep the events; default a new temporary file
  --json             print nothing but the figures, as one line of JSON
  --help             print this`;

async function main(): Promise<void> {
  const start = performance.now();
  const options = readArguments();
  if (options.help) {
    console.log(help);
    return;
  }
  const { git = import.meta.dirname, file, "as-of": asOf, json = false } = options;
  const databaseFile =
    options.database ?? path.join(mkdtempSync(path.join(tmpdir(), "repository-history-")), "history.db");
  const files = await openFileDatabase(databaseFile);
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
    terminal.say(`\nThe events are in ${databaseFile}`);
    const seconds = Math.round(performance.now() - start) / 1000;
    if (json) console.log(JSON.stringify({ ...figures, database: databaseFile, seconds }));
    if (figures.rollback?.ok === false) process.exitCode = 1;
  } finally {
    await files.close();
  }
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      git: { type: "string" },
      file: { type: "string" },
      "as-of": { type: "string" },
      database: { type: "string" },
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

// `npm run demo | head` closes the pipe before the tour is over.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

try {
  await main();
} catch (error) {
  if (!isUsersError(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
