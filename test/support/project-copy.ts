import { cpSync, symlinkSync } from "node:fs";
import path from "node:path";

const left = new Set([".git", "dist", "node_modules"]);

/** Copies the project, so that it can be built without anybody who uses its `dist` meanwhile finding it half built. */
export function copyProject(target: string): void {
  const root = path.resolve(import.meta.dirname, "../..");
  cpSync(root, target, { recursive: true, filter: (file) => !left.has(path.basename(file)) });
  symlinkSync(path.join(root, "node_modules"), path.join(target, "node_modules"));
}
