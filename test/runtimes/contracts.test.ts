import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { runtime } from "../support/runtime.ts";

const root = path.resolve(import.meta.dirname, "../..");
/** The cases of the contracts, of which only those about what memory cannot do are skipped. */
const atLeast = 700;

function run(program: string, args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  return { output: stdout + stderr, status };
}

function count(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1]);
}

test.each(["22.23.3", "26.10.0"])(
  "Node %s: every driver keeps its contract, and the store on its own SQLite all of its",
  {
    timeout: 300_000,
  },
  (version) => {
    const flags = ["--conditions=ventyd-source", "--test", "--test-reporter=tap"];
    const { output, status } = run(runtime("node", version), [...flags, "test/runtimes/contracts.node-test.ts"]);
    expect(output).toMatch(/^# fail 0$/m);
    expect(count(output, /^# pass (\d+)$/m)).toBeGreaterThan(atLeast);
    expect(status).toBe(0);
  },
);

test("Bun: bun:sqlite keeps the contract of drivers, and the store on it all of its", { timeout: 300_000 }, () => {
  const flags = ["test", "--conditions", "ventyd-source"];
  const { output, status } = run(runtime("bun", "1.4.5"), [...flags, "./test/runtimes/contracts.bun-test.ts"]);
  expect(output).toMatch(/^ *0 fail$/m);
  expect(count(output, /^ *(\d+) pass$/m)).toBeGreaterThan(atLeast);
  expect(status).toBe(0);
});
