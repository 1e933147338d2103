import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript-api";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import buildConfig from "../../tsdown.config.ts";

const root = path.resolve(import.meta.dirname, "../..");
const peers = Object.keys(manifest.peerDependencies);
const bundled = (buildConfig as { deps: { onlyBundle: string[] } }).deps.onlyBundle;

/** Which entry a peer belongs to: no other may lead to it, or its users would have to install what they do not use. */
const entriesOfPeers: Record<string, string[]> = {
  "@sinclair/typebox": ["./typebox0"],
  arktype: ["./arktype"],
  immer: ["./immer"],
  typebox: ["./typebox"],
  valibot: ["./valibot"],
  zod: ["./zod"],
};

/** What each file of the sources imports, of types too: relative imports as files, all others as they are written. */
const imports = new Map(
  globSync("src/**/*.ts", { cwd: root, exclude: ["**/*.test.ts", "**/*.test-d.ts"] }).map((file) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(path.join(root, file), "utf8"), true, true);
    const specifiers = importedFiles.map(({ fileName }) =>
      fileName.startsWith(".") ? path.join(path.dirname(file), fileName) : fileName,
    );
    return [file, specifiers] as const;
  }),
);

/** The package that a specifier is of; undefined for a file and for what Node has. */
function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(`src${path.sep}`) || specifier.startsWith("node:")) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** The packages that a user of an entry needs. */
function packagesBehind(entry: string): Set<string> {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const specifier of imports.get(file) ?? []) {
      const name = packageOf(specifier);
      if (name !== undefined) packages.add(name);
      visit(specifier);
    }
  };
  visit(entry);
  return packages;
}

const entries = Object.entries(manifest.exports).flatMap(([subpath, paths]) =>
  typeof paths === "string" ? [] : [[subpath, path.normalize(paths["ventyd-source"])] as const],
);

test("every package that the sources import is a peer or becomes part of the build, and each of these is imported", () => {
  const imported = new Set([...imports.values()].flat().flatMap((specifier) => packageOf(specifier) ?? []));
  expect([...imported].toSorted()).toEqual([...peers, ...bundled].toSorted());
});

test("what becomes part of the build is installed for the build alone", () => {
  for (const name of bundled) expect(Object.keys(manifest.devDependencies)).toContain(name);
  expect(manifest).not.toHaveProperty("dependencies");
});

describe("a peer", () => {
  test.each(peers)("%s is optional, and installed for the tests", (name) => {
    expect(manifest.peerDependenciesMeta).toHaveProperty([name], { optional: true });
    expect(Object.keys(manifest.devDependencies)).toContain(name);
  });

  test("has an entry that it belongs to, and every mark belongs to a peer", () => {
    expect(Object.keys(entriesOfPeers).toSorted()).toEqual(peers.toSorted());
    expect(Object.keys(manifest.peerDependenciesMeta).toSorted()).toEqual(peers.toSorted());
  });

  test.each(Object.entries(entriesOfPeers))("%s is needed by %j alone", (name, expected) => {
    const users = entries.filter(([, file]) => packagesBehind(file).has(name)).map(([subpath]) => subpath);
    expect(users).toEqual(expected);
  });
});

test("every entry is found, and leads somewhere", () => {
  expect(entries.length).toBeGreaterThan(8);
  for (const [subpath, file] of entries) expect([subpath, imports.has(file)]).toEqual([subpath, true]);
  expect([...packagesBehind("src/index.ts")]).toEqual(expect.arrayContaining(["dequal", "rfc6902"]));
});
