import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const cache = path.resolve(import.meta.dirname, "../../node_modules/.cache/ventyd-runtimes");

/**
 * The program of a JavaScript runtime, fetched from the npm registry when it is first asked for: whoever does not run these tests need not
 * have it.
 *
 * @param version exact.
 */
export function runtime(name: "node" | "bun", version: string): string {
  const folder = path.join(cache, `${name}-${version}`);
  const program = path.join(folder, "node_modules", ".bin", name);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  // Beside its place and then moved there: a fetch that was interrupted is not taken for a whole one.
  const fetched = mkdtempSync(path.join(cache, "fetching-"));
  // Their install scripts put the program of this machine in place.
  writeFileSync(path.join(fetched, "package.json"), JSON.stringify({ private: true, allowScripts: { [name]: true } }));
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts=false", `${name}@${version}`], {
    cwd: fetched,
    stdio: "pipe",
  });
  rmSync(folder, { recursive: true, force: true });
  renameSync(fetched, folder);
  return program;
}
