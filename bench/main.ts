import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { shareServers } from "../test/support/servers.ts";
import { installPeers, peerVersions } from "./peers/open-peer.ts";
import { cells, headingLine, type Result, toJson, toLine, toMarkdown } from "./report.ts";
import type { Row } from "./row.ts";

const help = `Usage: npm run bench -- [options]

Measures the built package beside the raw driver, or beside a baseline, and prints a table. It asserts nothing.

  --only <text>  only rows whose name contains the text
  --peers        the rows beside Emmett and Castore, too; they are installed into bench/peers
  --quick        less precise: 1.2 seconds for each row instead of 8
  --json         print the results as one line of JSON, too; it is the last line
  --write        put the table into docs/benchmarks.md, peers included; on a machine that has nothing else to do
  --help         print this`;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    peers: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) console.log(help);
else if (options.write && (options.quick || options.only !== "")) {
  console.error("--write is for a whole run: leave out --only and --quick.");
  process.exitCode = 1;
} else await main();

async function main(): Promise<void> {
  // Before anything that is measured is loaded.
  process.env.NODE_ENV = "production";
  if (!import.meta.resolve("ventyd").endsWith("/dist/index.js"))
    throw new Error("The benchmark measures the built package: run it without --conditions=ventyd-source.");
  const { rows: ownRows } = await import("./rows/index.ts");
  const comparesPeers = options.peers || options.write;
  const rows = comparesPeers ? [...ownRows, ...(await loadPeerRows())] : ownRows;
  const asked = rows.filter(({ name }) => name.toLowerCase().includes(options.only.toLowerCase()));
  const width = Math.max(...asked.map(({ name }) => name.length));
  const results: Result[] = [];
  console.log(headingLine(width));
  // Where PostgreSQL or MariaDB do not run, they are started for this run.
  const endServers = shareServers();
  try {
    for (const row of asked) {
      const result = { row, figures: await row.measure(options.quick ? 1.2 : 8) };
      results.push(result);
      console.log(toLine(cells(result), width));
    }
  } finally {
    await endServers();
  }
  if (options.write) writeTable(toMarkdown(results, peerVersions()));
  if (options.json) console.log(JSON.stringify({ rows: results.map(toJson) }));
}

/** Installs what they need before they are asked for. */
async function loadPeerRows(): Promise<readonly Row[]> {
  installPeers();
  console.log(`Beside ${peerVersions().join(", ")}.`);
  return (await import("./peers/index.ts")).peerRows;
}

function writeTable(table: string): void {
  const file = path.join(import.meta.dirname, "../docs/benchmarks.md");
  const page = readFileSync(file, "utf8");
  writeFileSync(
    file,
    page.replace(/(<!-- figures -->\n)[\s\S]*(<!-- \/figures -->)/, (_, start, end) => `${start}\n${table}\n${end}`),
  );
}
