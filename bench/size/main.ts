import manifest from "../../package.json" with { type: "json" };
import { budgets } from "./budgets.ts";
import { bundleSize, entityHalf, everythingOf } from "./bundle-size.ts";
import { verdict } from "./verdict.ts";

if (!import.meta.resolve("ventyd").endsWith("/dist/index.js"))
  throw new Error("The sizes are those of the built package: run this without --conditions=ventyd-source.");

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(2);

// As namespaces: two entries may export the same name.
const main = 'export * as main from "ventyd";';
const { atOnce: ofMain } = await bundleSize(main);

/** What an entry adds to a bundle that has the main one already. */
async function besideMain(specifier: string): Promise<string> {
  const { atOnce } = await bundleSize(`${main}\nexport * as entry from "${specifier}";`);
  return `+${kilobytes(atOnce - ofMain)}`;
}

const entries = Object.keys(manifest.exports).filter((entry) => entry !== "./package.json");
const names = ["entity half", ...entries];

const rows = [["entry", "kB", "beside main", "later", "budget", "goal", ""]];
for (const name of names) {
  const specifier = `ventyd${name.slice(1)}`;
  const { atOnce, later } = await bundleSize(name === "entity half" ? entityHalf : everythingOf(specifier));
  const { passes, text } = verdict(atOnce / 1000, budgets[name]);
  if (!passes) process.exitCode = 1;
  const { budget = "", goal = "" } = budgets[name] ?? {};
  const beside = ["entity half", "."].includes(name) ? "" : await besideMain(specifier);
  rows.push([name, kilobytes(atOnce), beside, later === 0 ? "" : kilobytes(later), `${budget}`, `${goal}`, text]);
}

console.log(`Minified and gzipped, in kB; "later" is what import() loads on first use. What an application brings itself, a
validator or a driver, is not counted.
`);
const widths = rows.reduce<number[]>((known, row) => row.map((cell, i) => Math.max(known[i] ?? 0, cell.length)), []);
for (const [name = "", ...cells] of rows) {
  const verdictText = cells.pop();
  const figures = cells.map((cell, i) => cell.padStart(widths[i + 1] ?? 0));
  console.log([name.padEnd(widths[0] ?? 0), ...figures, verdictText].join("  ").trimEnd());
}
for (const name of Object.keys(budgets).filter((name) => !names.includes(name))) {
  process.exitCode = 1;
  console.log(`bench/size/budgets.ts has a budget for "${name}", which is no entry of the package.`);
}
