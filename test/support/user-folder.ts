import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import lock from "../../package-lock.json" with { type: "json" };
import { run } from "./run.ts";
import { packedTarball } from "./tarball.ts";

/** Exact versions by package name. */
export type Versions = Readonly<Record<string, string>>;

/** The project of a user's, outside ours, who has installed what we publish. */
export interface UserFolder {
  readonly folder: string;
  /** Has npm install our tarball and these packages, and what they need. */
  install(versions: Versions): Promise<void>;
  /** Writes a file, whose folder need not exist. */
  write(file: string, text: string): void;
  read(file: string): string;
  /** Runs a script of the user's, without the condition that leads to our sources; answers with what it prints. */
  node(file: string, ...flags: readonly string[]): Promise<string>;
}

/** An empty project, removed when the test file has ended. */
export function userFolder(): UserFolder {
  // Compilers tell a file by its real path.
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "ventyd-user-")));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  };
  write("package.json", JSON.stringify({ name: "user", private: true, type: "module" }));
  return {
    folder,
    write,
    async install(versions) {
      const named = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
      // None of them needs its install script, and we have none.
      const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact"];
      await run("npm", ["install", ...flags, await packedTarball(), ...named], { cwd: folder });
    },
    read: (file) => readFileSync(path.join(folder, file), "utf8"),
    node: (file, ...flags) => run(process.execPath, [...flags, path.join(folder, file)], { cwd: folder }),
  };
}

/** The versions of these packages, and of all that they need, that we develop with. */
export function lockedVersions(...names: readonly string[]): Versions {
  const packages: Readonly<Record<string, { version?: string; dependencies?: Versions }>> = lock.packages;
  const versions: Record<string, string> = {};
  const add = (name: string) => {
    if (name in versions) return;
    const found = packages[`node_modules/${name}`];
    if (found?.version === undefined) throw new Error(`package-lock.json has no ${name}.`);
    versions[name] = found.version;
    for (const needed of Object.keys(found.dependencies ?? {})) add(needed);
  };
  for (const name of names) add(name);
  return versions;
}
