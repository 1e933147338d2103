import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** What the linter must say about a line planted in a file, or `undefined` where it must say nothing. */
const planted: [file: string, line: string, reason: string | undefined][] = [
  ["src/errors/x.ts", 'import { a } from "../util/a.ts";', "src/errors is a leaf"],
  ["src/util/x.ts", 'import { a } from "../errors/a.ts";', undefined],
  ["src/util/x.ts", 'import { a } from "../schema/a.ts";', "src/util is a leaf"],
  ["src/schema/x.ts", 'import { a } from "../util/a.ts";', undefined],
  ["src/schema/x.ts", 'import { a } from "../entity/a.ts";', "src/schema is the ground"],
  ["src/schema/deep/x.ts", 'import { a } from "../../entity/a.ts";', "src/schema is the ground"],
  ["src/schema/x.ts", 'import { a } from "./util/a.ts";', undefined],
  ["src/attribution/x.ts", 'import { a } from "../storage/a.ts";', "src/attribution says who, when and why"],
  ["src/entity/x.ts", 'import { a } from "../attribution/a.ts";', undefined],
  ["src/entity/x.ts", 'import { a } from "../storage/a.ts";', "src/entity is the pure fold"],
  ["src/entity/x.ts", 'import type { A } from "../storage/a.ts";', "src/entity is the pure fold"],
  ["src/entity/x.ts", 'export { a } from "../storage/a.ts";', "src/entity is the pure fold"],
  ["src/entity/x.ts", 'await import("../storage/a.ts");', "src/entity is the pure fold"],
  ["src/entity/x.ts", 'export type A = import("../storage/a.ts").A;', "Write `import type"],
  ["src/storage/x.ts", 'import { a } from "../schema/a.ts";', undefined],
  ["src/storage/x.ts", 'import { a } from "../entity/a.ts";', "src/storage is the contract"],
  ["src/storage/x.ts", 'import { a } from "../adapters/sqlite/index.ts";', "src/storage is the contract"],
  ["src/repository/x.ts", 'import { a } from "../entity/a.ts";', undefined],
  ["src/repository/x.ts", 'import { a } from "../storage/a.ts";', undefined],
  ["src/repository/x.ts", 'import { a } from "../adapters/memory/index.ts";', "src/repository takes a store"],
  ["src/projection/x.ts", 'import { a } from "../repository/a.ts";', undefined],
  ["src/projection/x.ts", 'import { a } from "../studio/a.ts";', "src/projection sees src/repository"],
  ["src/validators/x.ts", 'import { a } from "../schema/a.ts";', undefined],
  ["src/validators/x.ts", 'import { a } from "../entity/a.ts";', "A validator turns a foreign schema into ours"],
  ["src/validators/x.ts", 'import { a } from "../immer/a.ts";', "A validator turns a foreign schema into ours"],
  ["src/immer/x.ts", 'import { a } from "../entity/a.ts";', undefined],
  ["src/immer/x.ts", 'import { a } from "../schema/a.ts";', undefined],
  ["src/immer/x.ts", 'import { a } from "../repository/a.ts";', "src/immer writes reducers in another way"],
  ["src/entity/x.ts", 'import { a } from "../immer/a.ts";', "src/entity is the pure fold"],
  ["src/x.ts", 'import { a } from "./immer/index.ts";', "The front door exports the core only"],
  ["src/adapters/sqlite/x.ts", 'import { a } from "../../storage/a.ts";', undefined],
  ["src/adapters/sqlite/x.ts", 'import { a } from "../sql/a.ts";', undefined],
  ["src/adapters/sqlite/x.ts", 'import { a } from "node:fs";', undefined],
  ["src/adapters/sqlite/x.ts", 'import { a } from "../../repository/a.ts";', "An adapter sees the contract only"],
  ["src/adapters/sqlite/x.ts", 'import { a } from "../memory/a.ts";', "Adapters do not import each other"],
  ["src/adapters/sqlite/deep/x.ts", 'import { a } from "../../memory/a.ts";', "Adapters do not import each other"],
  ["src/adapters/mysql/x.ts", 'import { a } from "../postgres/a.ts";', "Adapters do not import each other"],
  [
    "src/adapters/postgres/executors/x.ts",
    'import { a } from "../../mysql/a.ts";',
    "Adapters do not import each other",
  ],
  ["src/adapters/mysql/executors/x.ts", 'import { a } from "../../sql/a.ts";', undefined],
  ["src/studio/x.ts", 'import { a } from "../cli/a.ts";', "src/studio is served by the command line"],
  ["src/studio/x.ts", 'import { a } from "../projection/a.ts";', undefined],
  ["src/cli/x.ts", 'import { a } from "../studio/a.ts";', undefined],
  ["src/cli/x.ts", 'import { a } from "../testing/a.ts";', "src/cli is what users run"],
  ["src/testing/x.ts", 'import { a } from "../repository/a.ts";', undefined],
  ["src/testing/x.ts", 'import { a } from "../adapters/memory/a.ts";', "The test kit is handed the store"],
  ["src/x.ts", 'import { a } from "./repository/a.ts";', undefined],
  ["src/x.ts", 'import { a } from "./adapters/sqlite/index.ts";', "The front door exports the core only"],
  ["src/entity/x.ts", 'import { a } from "../index.ts";', "Nothing inside imports the front door"],
  ["src/entity/x.ts", 'import { a } from "ventyd";', "Nothing inside imports the front door"],
  ["src/adapters/sqlite/x.ts", 'import { a } from "../../index.ts";', "Nothing inside imports the front door"],
  ["src/entity/x.ts", 'import { a } from "node:path";', "The core runs on every JavaScript runtime"],
  ["src/entity/x.ts", 'import { a } from "path";', "The core runs on every JavaScript runtime"],
  ["src/entity/x.ts", 'import { a } from "node:fs/promises";', "The core runs on every JavaScript runtime"],
  ["src/entity/x.ts", 'import { a } from "fs/promises";', "The core runs on every JavaScript runtime"],
  ["src/entity/x.ts", 'await import("node:async_hooks");', "The core runs on every JavaScript runtime"],
  ["src/entity/x.ts", 'console.log("x");', "lint/suspicious/noConsole"],
  ["src/cli/x.ts", 'console.log("x");', undefined],
  ["src/entity/x.ts", 'export * from "./a.ts";', "lint/performance/noReExportAll"],
  ["src/entity/x.test.ts", 'import { a } from "../adapters/memory/index.ts";', undefined],
  ["src/entity/x.test-d.ts", 'import { a } from "node:path";', undefined],
];

const ROOT = path.resolve(import.meta.dirname, "../..");
const BIOME = path.join(ROOT, "node_modules/@biomejs/biome/bin/biome");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "house-"));
  for (const name of ["biome.json", ".gitignore", "scripts/lint"])
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"), "junction");
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Diagnostic {
  readonly category: string;
  readonly message: string;
  readonly location: { readonly path: string };
}

const HOUSE_RULES = /noRestrictedImports|noImportCycles|noConsole|noReExportAll|plugin/;

/** What the rules of the house say about a tree of files, as `category: message`, by file. */
function lint(files: ReadonlyMap<string, string>): Map<string, string[]> {
  for (const [file, text] of files) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [BIOME, "lint", "--reporter=json", "--max-diagnostics=none", "src"],
    { cwd: folder, encoding: "utf8" },
  );
  expect(stdout, stderr).toMatch(/^\{/);
  const said = new Map([...files.keys()].map((file): [string, string[]] => [file, []]));
  for (const { category, message, location } of (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics) {
    if (HOUSE_RULES.test(category)) said.get(location.path)?.push(`${category}: ${message}`);
  }
  return said;
}

describe("the linter", () => {
  // Every line gets a file of its own, so that one run judges them all.
  const cases = planted.map(([where, line, reason], index) => ({
    where,
    line,
    reason,
    file: where.replace("/x.", `/plant-${index}.`),
  }));
  let said: Map<string, string[]>;
  beforeAll(() => {
    said = lint(new Map(cases.map(({ file, line }) => [file, `${line}\n`])));
  });

  test.each(cases.filter((planted) => planted.reason !== undefined))("refuses in $where: $line", ({ file, reason }) => {
    expect(said.get(file)).toEqual([expect.stringContaining(reason as string)]);
  });

  test.each(cases.filter((planted) => planted.reason === undefined))("allows in $where: $line", ({ file }) => {
    expect(said.get(file)).toEqual([]);
  });

  test("refuses an import cycle, even one of types only", () => {
    const answers = lint(
      new Map([
        ["src/storage/a.ts", 'import type { B } from "./b.ts";\nexport type A = { b: B };\n'],
        ["src/storage/b.ts", 'import type { A } from "./a.ts";\nexport type B = { a: A };\n'],
      ]),
    );
    for (const answer of answers.values()) expect(answer).toEqual([expect.stringContaining("noImportCycles")]);
  });
});

describe("biome.json", () => {
  const config = readFileSync(path.join(ROOT, "biome.json"), "utf8");
  const folders = (parent: string) =>
    readdirSync(path.join(ROOT, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);

  test("has a rule for every folder of src", () => {
    for (const name of folders("src")) expect(config).toContain(`"includes": ["src/${name}/**"]`);
  });

  test("keeps every adapter from every other", () => {
    const named = /\{\.\.\/,\.\.\/\.\.\/\}\{([^}]+)\}\/\*\*/.exec(config)?.[1]?.split(",") ?? [];
    for (const name of folders("src/adapters")) expect([...named, "sql"]).toContain(name);
  });
});
