import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";

test("a store over the executor of the example keeps the contract, under the test runner of Node", () => {
  const node = path.resolve("node_modules/.bin/node");
  const file = path.join(import.meta.dirname, "executor.node-test.ts");
  const run = spawnSync(node, ["--conditions=ventyd-source", "--test", "--test-reporter=tap", file], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(run.stdout).toMatch(/^# fail 0$/m);
  expect(run.stdout).toMatch(/^# skipped 0$/m);
  expect(Number(run.stdout.match(/^# pass (\d+)$/m)?.[1])).toBeGreaterThan(350);
  expect(run.status).toBe(0);
}, 120_000);
