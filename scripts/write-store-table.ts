/**
 * Keeps the table of `docs/reference/stores.md` equal to what the stores say of themselves, to `src/adapters/profiles.ts`, and to the versions of drivers that
 * are installed for the tests. `npm run docs` rewrites it, `npm run docs:check` says when it is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import { createPool } from "mysql2/promise";
import pg from "pg";
import type { StoreCapabilities } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { createMysqlStore } from "ventyd/mysql";
import { createPostgresStore } from "ventyd/postgres";
import { createSqliteStore } from "ventyd/sqlite";
import manifest from "../package.json" with { type: "json" };
import { abilities, type StoreProfile, storeProfiles } from "../src/adapters/profiles.ts";

const PAGE = "docs/reference/stores.md";
const TABLE = /(<!-- table -->\n)[\s\S]*(<!-- \/table -->)/;

// Made, not opened: pools connect when they are asked for something.
const capabilities: { readonly [entry in StoreProfile["entry"]]: StoreCapabilities } = {
  "ventyd/memory": createMemoryStore().capabilities,
  "ventyd/sqlite": createSqliteStore(new Database(":memory:")).capabilities,
  "ventyd/postgres": createPostgresStore(new pg.Pool()).capabilities,
  "ventyd/mysql": createMysqlStore(createPool({})).capabilities,
};

const survivals = {
  power_loss: "a loss of power",
  process_crash: "a crash of the process",
  none: "nothing",
} as const;

type Cell = (profile: StoreProfile) => string;

const facts: readonly (readonly [title: string, cell: Cell])[] = [
  ["import from", ({ entry }) => `\`${entry}\``],
  ["versions", ({ since }) => (since === undefined ? "" : `${since} or newer`)],
  ["the whole contract", ({ tested }) => (tested === undefined ? "**Untested**" : testedCell(tested))],
  [
    "drivers, and the version tested",
    ({ drivers, tested }) => drivers.map((driver) => driverCell(driver, tested !== undefined)).join("<br>"),
  ],
];

const more: readonly (readonly [title: string, cell: Cell])[] = [
  ["a subscription hears of other processes", ({ hears }) => (hears === "no other process" ? "–" : hears)],
  ["an acknowledged commit survives, at best", ({ survives }) => survivals[survives]],
  ["... with", ({ settings = "" }) => settings],
];

/** The table of stores and abilities, and the list of what happens where one is missing. */
export function storeTable(): string {
  const able = Object.entries(abilities).map(([name, { title }]): readonly [string, Cell] => [
    title,
    (profile) => {
      const can = { ...profile.abilities, ...capabilities[profile.entry] }[name as keyof typeof abilities];
      return can === undefined ? "–" : can ? "yes" : "no";
    },
  ]);
  const rows = [...facts, ...able, ...more].map(([title, cell]) => [title, ...storeProfiles.map(cell)]);
  const heading = storeProfiles.map(({ name, page }) => (page === undefined ? name : `[${name}](${page})`));
  const without = Object.values(abilities).map((ability) => [ability.title, ability.without]);
  return `\n${table(["", ...heading], rows)}\n\n${table(["where that is missing", ""], without)}\n\n`;
}

function testedCell({ by, version = "" }: NonNullable<StoreProfile["tested"]>): string {
  return `[Tested](../../${by}) ${version}`.trim();
}

function driverCell({ name, package: packageName }: StoreProfile["drivers"][number], isTested: boolean): string {
  if (packageName === undefined || !isTested) return name;
  return `${name} ${(manifest.devDependencies as Record<string, string>)[packageName]}`;
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heading, heading.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: "boolean" } } });
  const page = readFileSync(PAGE, "utf8");
  const text = page.replace(TABLE, (_, start, end) => `${start}${storeTable()}${end}`);
  if (text !== page && values.check) process.exitCode = 1;
  if (text !== page)
    console.error(values.check ? `${PAGE}: the table is stale; run \`npm run docs\`` : `${PAGE}: the table renewed`);
  if (text !== page && !values.check) writeFileSync(PAGE, text);
}
