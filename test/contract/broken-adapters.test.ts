import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";

const defects: readonly (readonly [defect: string, caseThatFails: string])[] = [
  ["drops the last event of a batch", "writes a batch whole"],
  ["ignores entityName", "keeps entities apart by name and by id"],
  ["gives the newest event first", "gives the events of several batches, oldest first"],
  ["ignores expectedVersion", "A4: the one who comes too late is refused, and nothing of it is written"],
  ["takes a time for a date", "keeps the text of the time as it was given"],
  [
    "says that it keeps metadata, and does not",
    "keeps who and why and can roll back, if the adapter keeps metadata; else both are refused",
  ],
];

test.for(defects)("the contract fails, under the test runner of Node, an adapter that %s", ([defect, title]) => {
  const file = path.join(import.meta.dirname, "broken-adapter.node-test.ts");
  const flags = ["--conditions=ventyd-source", "--test", "--test-reporter=tap", file];
  const env = { ...process.env, DEFECT: defect };
  const run = spawnSync(path.resolve("node_modules/.bin/node"), flags, { encoding: "utf8", env });
  expect(run.status).toBe(1);
  expect(run.stdout).toMatch(new RegExp(`^ *not ok \\d+ - ${title}$`, "m"));
});
