import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import ts from "typescript-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { run } from "../support/run.ts";
import { packedTarball } from "../support/tarball.ts";
import { entries, peers, peersOf } from "./entries.ts";

const require = createRequire(import.meta.url);
const root = path.resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(path.join(tmpdir(), "ventyd-tarball-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let tarball: string;
beforeAll(async () => {
  tarball = await packedTarball();
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", folder], { cwd: folder });
}, 120_000);

/** What a file of ours imports; at once or later, types or code. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(path.join(folder, file), "utf8"), true, true);
  return importedFiles.map(({ fileName }) => fileName);
}

/** The files that one reaches from these; and what they import that is not ours. */
function reach(from: readonly string[]) {
  const files = new Set<string>();
  const foreign = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const imported of importsOf(file)) {
      // The declarations of a module lie beside it.
      const name = file.endsWith(".d.ts") ? imported.replace(/\.js$/, ".d.ts") : imported;
      if (imported.startsWith(".")) visit(path.join(path.dirname(file), name));
      else foreign.add(imported);
    }
  };
  for (const file of from) visit(path.normalize(file));
  return { files: [...files].sort(), foreign: [...foreign].sort() };
}

test("the package installs nothing with it: no dependency, no source, no test", () => {
  expect(JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"))).toEqual(manifest);
  expect(manifest).not.toHaveProperty("dependencies");
  expect(globSync("*", { cwd: folder }).sort()).toEqual([
    "LICENSE",
    "README.md",
    "THIRD-PARTY-NOTICES.md",
    "dist",
    "package.json",
  ]);
  expect(globSync("dist/**/*.test*", { cwd: folder })).toEqual([]);
});

test("every file that an export names is there, but for the sources that only we have", () => {
  for (const { types, default: code, "ventyd-source": source } of entries) {
    expect(existsSync(path.join(folder, types)), types).toBe(true);
    expect(existsSync(path.join(folder, code)), code).toBe(true);
    expect(types).toBe(code.replace(/\.js$/, ".d.ts"));
    expect(existsSync(path.join(root, source)), source).toBe(true);
  }
});

test("every file is reached from an export: code from code, declarations from declarations", () => {
  const code = reach(entries.map((entry) => entry.default)).files;
  const declarations = reach(entries.map(({ types }) => types)).files;
  expect([...code, ...declarations].sort()).toEqual(globSync("dist/**/*.*", { cwd: folder }).sort());
});

describe("an entry imports what its user has, and nothing else", () => {
  const nodeModules = (names: readonly string[]) => names.filter((name) => name.startsWith("node:"));
  const packages = (names: readonly string[]) => {
    const theirs = names.filter((name) => !name.startsWith("node:")).map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0]);
    return [...new Set(theirs)];
  };

  test.each(entries)("$entry", ({ entry, types, default: code }) => {
    for (const file of [code, types]) expect(packages(reach([file]).foreign)).toEqual(peersOf[entry] ?? []);
    expect(nodeModules(reach([types]).foreign)).toEqual([]);
    // Only a store of files, and one whose driver takes buffers, need Node or what stands in for it.
    if (entry !== "./sqlite" && entry !== "./mysql") expect(nodeModules(reach([code]).foreign)).toEqual([]);
  });

  test("every peer is some entry's, and is optional", () => {
    expect(Object.values(peersOf).flat().sort()).toEqual([...peers].sort());
    const optional = Object.fromEntries(peers.map((name) => [name, { optional: true }]));
    expect(manifest.peerDependenciesMeta).toEqual(optional);
  });
});

test("no file tells where it was built", () => {
  for (const file of globSync("dist/**/*.*", { cwd: folder })) {
    expect(readFileSync(path.join(folder, file), "utf8"), file).not.toContain(root);
  }
});

test("publint has nothing to say, not even a suggestion", async () => {
  const { buffer, byteOffset, byteLength } = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer },
    strict: true,
  });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("are-the-types-wrong finds nothing wrong", { timeout: 120_000 }, async () => {
  // Its profile leaves two ways of resolving out. `node10` knows no `exports`, and no Node that we support resolves so. `node16` from
  // CommonJS says that a `require` of an ES module fails; since Node 22.12 it works, and install.test.ts does it.
  const attw = path.join(path.dirname(require.resolve("@arethetypeswrong/cli/package.json")), "dist/index.js");
  const args = [attw, tarball, "--profile", "esm-only", "--format", "json"];
  const report = await run(process.execPath, args, { cwd: folder });
  const { analysis, problems } = JSON.parse(report);
  expect(Object.keys(analysis.entrypoints)).toEqual(Object.keys(manifest.exports));
  expect(Object.keys(problems).sort()).toEqual(["CJSResolvesToESM", "NoResolution"]);
});
