import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import path from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { run } from "./run.ts";

const root = path.resolve(import.meta.dirname, "../..");
const cache = path.join(root, "node_modules/.cache/ventyd-tarballs");

/** What npm packs beside what the build makes. */
const kept = ["package.json", "README.md", "LICENSE", ...manifest.files.filter((name) => name !== "dist")];

/**
 * The file that `npm publish` would send. Built from the sources as they are, in a folder of its own, once for each content
 * of theirs: test files that ask for it share it, whichever comes first.
 */
export async function packedTarball(): Promise<string> {
  const patterns = ["src/**/*.ts", "ts*.json", "tsdown.config.ts", "package-lock.json", ...kept];
  const sources = globSync(patterns, { cwd: root, exclude: ["**/*.test.ts", "**/*.test-d.ts"] });
  const hash = createHash("sha256");
  for (const file of sources.sort()) hash.update(`\n${file}\n`).update(readFileSync(path.join(root, file)));
  const folder = path.join(cache, hash.digest("hex").slice(0, 16));
  if (!existsSync(folder)) await pack(folder);
  return path.join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) as string);
}

async function pack(folder: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const staging = mkdtempSync(path.join(cache, "packing-"));
  const content = path.join(staging, "package");
  const packed = path.join(staging, "packed");
  try {
    // Built where it always is: in a copy of the project the bundled packages lie elsewhere, and their files get other names in dist.
    const tsdown = path.join(root, "node_modules/.bin/tsdown");
    await run(tsdown, ["--logLevel", "warn", "--out-dir", path.join(content, "dist")], { cwd: root });
    for (const file of kept) cpSync(path.join(root, file), path.join(content, file));
    mkdirSync(packed);
    await run("npm", ["pack", "--pack-destination", packed], { cwd: content });
    // In one step, so that nobody sees half of it. Another test file may have been faster; what it packed is the same.
    try {
      renameSync(packed, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
