import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const page = readFileSync("docs/promises.md", "utf8");
const proofs = [...page.matchAll(/\[([^\]]+)\]\((\.\.\/[^)]+\.ts)\)/g)].map(([, title, file]) => ({
  title: title as string,
  file: path.join("docs", file as string),
}));

test("every promise in the docs names a test that is there", () => {
  const missing = proofs.filter(({ title, file }) => !readFileSync(file, "utf8").includes(title));
  expect(missing).toEqual([]);
});

test("every row of the docs' promises has a proof", () => {
  const lines = page.split("\n");
  const rows = lines.filter((line, index) => line.startsWith("| ") && !lines[index + 1]?.startsWith("|---"));
  // What survives what is no promise of ours, but a setting of the application's.
  const unproven = rows.filter((row) => !row.includes("](../") && !/\| (yes|no)\b/.test(row));
  expect(unproven).toEqual([]);
  expect(proofs.length).toBeGreaterThan(100);
});
