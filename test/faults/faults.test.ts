import { expect, test } from "vitest";
import { table } from "./report.ts";
import { type FaultsReport, runFaults } from "./run-faults.ts";

/** Long enough for each fault to come; `npm run test:faults` is for more. */
const short = { seconds: 40, seed: 1 };

// A server that comes up again may take its time.
const timeout = 240_000;

function expectNothingViolated(report: FaultsReport) {
  expect(report.violations).toEqual([]);
  // All of it did happen, and all of it was looked at.
  const unchecked = [...report.checked].filter(([, cases]) => cases === 0);
  expect(unchecked, table(report)).toEqual([]);
  const absent = [...report.faults].filter(([, times]) => times === 0);
  expect(absent, table(report)).toEqual([]);
  expect(report.acknowledged, table(report)).toBeGreaterThan(100);
}

test("SQLite: processes are killed and frozen, their clocks jump, the disk is full: what was acknowledged is stored once, and readers see all of it once and in order", {
  timeout,
}, async ({ annotate }) => {
  const report = await runFaults({ ...short, kind: "sqlite" });
  await annotate(table(report));
  expectNothingViolated(report);
});

test("PostgreSQL: nor does it matter that connections break, stand still or lose their answers, and that the server goes down in the midst of it", {
  timeout,
}, async ({ annotate }) => {
  const report = await runFaults({ ...short, kind: "postgres" });
  await annotate(table(report));
  expectNothingViolated(report);
  // Readers had to find out which of the positions that they could not see are still to come.
  expect(report.burned).toBeGreaterThan(10);
});

test("MariaDB: nor does it there", { timeout }, async ({ annotate }) => {
  const report = await runFaults({ ...short, kind: "mysql" });
  await annotate(table(report));
  expectNothingViolated(report);
  expect(report.burned).toBeGreaterThan(10);
});
