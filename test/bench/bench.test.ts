import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyProject } from "../support/project-copy.ts";
import { createMysqlDatabase, createPostgresDatabase } from "../support/servers.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ventyd-bench-"));
const copy = path.join(folder, "source");
beforeAll(() => copyProject(copy));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bench(only: string, env: NodeJS.ProcessEnv = {}): Record<string, unknown>[] {
  const args = ["run", "--silent", "bench", "--", "--quick", "--only", only, "--json"];
  const options = { cwd: copy, encoding: "utf8", stdio: "pipe", env: { ...process.env, ...env } } as const;
  const output = execFileSync("npm", args, options);
  return (JSON.parse(output.trimEnd().split("\n").at(-1) as string) as { rows: Record<string, unknown>[] }).rows;
}

test("npm run bench ends with its rows as one line of JSON", () => {
  const rows = bench("size");
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

test("rows of servers are measured on the servers that the environment names", async () => {
  const [onPostgres, onMysql] = [await createPostgresDatabase(), await createMysqlDatabase()];
  try {
    const rows = bench("load of 1,000 EVENTS", {
      VENTYD_POSTGRES_URL: onPostgres.url,
      VENTYD_MYSQL_URL: onMysql.url,
    });
    expect(rows.map(({ row }) => row)).toEqual([
      "load of 1,000 events",
      "load of 1,000 events with validation (zod)",
      "postgres: load of 1,000 events",
      "mysql: load of 1,000 events",
    ]);
    for (const row of rows) {
      expect(row).toMatchObject({ unit: "ms", goal: 1.3, met: expect.any(Boolean) });
      expect(row.ours).toBeGreaterThan(0);
      expect(row.beside).toBeGreaterThan(0);
    }
  } finally {
    await onPostgres.drop();
    await onMysql.drop();
  }
});
