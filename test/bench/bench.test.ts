import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyProject } from "../support/project-copy.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ventyd-bench-"));
const copy = path.join(folder, "source");
beforeAll(() => copyProject(copy));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("npm run bench ends with its rows as one line of JSON", () => {
  const args = ["run", "--silent", "bench", "--", "--quick", "--only", "size", "--json"];
  const output = execFileSync("npm", args, { cwd: copy, encoding: "utf8", stdio: "pipe" });
  const { rows } = JSON.parse(output.trimEnd().split("\n").at(-1) as string) as { rows: Record<string, unknown>[] };
  expect(rows.map(({ row }) => String(row).slice(0, 18))).toEqual([
    "size: entity half,",
    "size: main entry, ",
    "size: what the mai",
  ]);
  for (const row of rows) {
    expect(row).toEqual({
      row: expect.stringContaining("size: "),
      ours: expect.any(Number),
      beside: expect.any(Number),
      unit: "kB",
      ratio: expect.closeTo((row.ours as number) / (row.beside as number), 9),
      goal: expect.any(Number),
      met: expect.any(Boolean),
    });
    // A bundle that lost its code, or that took a dependency in, is no measurement.
    expect(row.ours).toBeGreaterThan(1);
    expect(row.ours).toBeLessThan(100);
  }
});
