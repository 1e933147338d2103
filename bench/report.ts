import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import type { Figures, Row } from "./row.ts";

/** A row and what it came to. */
export interface Result {
  readonly row: Row;
  readonly figures: Figures;
}

/** What `--json` prints of a result. */
export function toJson({ row, figures }: Result) {
  const goal = row.goal === undefined ? 0 : Object.values(row.goal)[0];
  return { row: row.name, ...figures, unit: row.unit, goal, met: isMet({ row, figures }) };
}

function isMet({ row: { goal }, figures: { ratio } }: Result): boolean {
  if (goal === undefined) return true;
  return "atLeast" in goal ? ratio >= goal.atLeast : ratio <= goal.atMost;
}

const headings = ["row", "ours", "beside", "unit", "ratio", "goal", "met"];

/** The cells of a line of the table. */
export function cells(result: Result): readonly string[] {
  const { row, figures } = result;
  const { goal } = row;
  const asked = goal === undefined ? "" : "atLeast" in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
  const met = goal === undefined ? "" : isMet(result) ? "yes" : "no";
  return [row.name, digits(figures.ours), digits(figures.beside), row.unit, figures.ratio.toFixed(2), asked, met];
}

/** The table for a terminal, line by line as results come: the columns do not wait for the widest cell. */
export function toLine(line: readonly string[], nameWidth: number): string {
  const [name = "", ours = "", beside = "", unit = "", ratio = "", goal = "", met = ""] = line;
  return [
    name.padEnd(nameWidth),
    ours.padStart(9),
    beside.padStart(9),
    unit.padEnd(14),
    ratio.padStart(6),
    goal.padEnd(6),
    met,
  ]
    .join("  ")
    .trimEnd();
}

export const headingLine = (nameWidth: number) => toLine(headings, nameWidth);

/** The table for the docs, with the machine and the versions that the figures hold for. */
export function toMarkdown(results: readonly Result[], peers: readonly string[]): string {
  const lines = [headings, headings.map((_, column) => (column === 0 ? "---" : "---:")), ...results.map(cells)];
  const table = lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
  return `${date()}, ${machine()}; ${[versions(), ...peers].join(", ")}.\n\n${table}\n`;
}

function digits(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: value >= 1000 ? 4 : 3 });
}

export function date(): string {
  return new Date().toISOString().slice(0, 10);
}

export function machine(): string {
  const processors = cpus();
  return `${processors[0]?.model ?? "unknown processor"}, ${processors.length} cores`;
}

export function versions(): string {
  const packages = ["better-sqlite3", "pg", "mysql2", "zod", "valibot", "typescript"].map((name) => {
    const file = path.join(import.meta.dirname, "../node_modules", name, "package.json");
    return `${name} ${(JSON.parse(readFileSync(file, "utf8")) as { version: string }).version}`;
  });
  return `Node ${process.versions.node}, ${packages.join(", ")}`;
}
