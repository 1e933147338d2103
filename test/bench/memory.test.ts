import { execFile } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { findGrowth } from "../../bench/memory/find-growth.ts";

const command = path.resolve(import.meta.dirname, "../../bench/memory/main.ts");

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** A third of a minute, on SQLite. */
function runMemory(...options: readonly string[]): Promise<Ended> {
  const args = ["--conditions=ventyd-source", command, "--store", "sqlite", "--minutes", "0.33", ...options];
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

test("commits, loads, reads and subscriptions in a loop hold heap and handles steady, and a leak would be found", async () => {
  const [steady, leaking] = await Promise.all([runMemory(), runMemory("--leak")]);
  expect(steady).toEqual({ code: 0, output: expect.stringContaining("Heap and handles are steady.") });
  expect(leaking).toEqual({ code: 1, output: expect.stringMatching(/^heap grew by [\d,]+, more than/m) });
});

test("what grows while a run warms up is no leak, what grows until its end is one", () => {
  const settled = [5, 9, 10, 10, 10, 10].map((megabytes) => ({ heap: megabytes * 1_000_000, handles: 20 }));
  expect(findGrowth(settled)).toEqual([]);
  const growing = [10, 20, 30, 40, 50, 60].map((handles) => ({ heap: 10_000_000, handles }));
  expect(findGrowth(growing)).toEqual(["handles grew by 20, more than 8"]);
});
