import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";

/** What Node's own test runner says about a file. */
function runNodeTest(file: string) {
  const flags = ["--conditions=ventyd-source", "--test", "--test-reporter=tap"];
  return spawnSync(process.execPath, [...flags, file], { encoding: "utf8" });
}

test("the example for Node's own test runner passes there", () => {
  const { status, stdout } = runNodeTest(path.join(import.meta.dirname, "post.node-test.ts"));
  expect(stdout).toMatch(/^# pass 2$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(status).toBe(0);
});

test("a check that fails is a failed test there, with the differences, what was expected and what came", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ventyd-node-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "failing.mjs");
  const source = (name: string) => JSON.stringify(pathToFileURL(path.resolve(import.meta.dirname, name)).href);
  writeFileSync(
    file,
    `
    import test from "node:test";
    import { given } from ${source("../../src/testing/index.ts")};
    import { Post } from ${source("post.ts")};
    const approving = given(Post).events(["post:created", { title: "Hello" }]).when((post) => post.approve("LGTM"));
    test("fails", () => approving.thenEvents(["post:approved", { comment: "No" }]));
    `,
  );
  const { status, stdout } = runNodeTest(file);
  expect(stdout).toMatch(/^# fail 1$/m);
  expect(stdout).toContain('events.0.body.comment: expected "No", got "LGTM"');
  expect(stdout).toMatch(/expected:\n.*\n.*\n.*\n +comment: 'No'/);
  expect(stdout).toMatch(/actual:\n.*\n.*\n.*\n +comment: 'LGTM'/);
  expect(status).toBe(1);
});
