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
  const rows = page
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.includes("| yes") && !line.includes("| no"));
  const headings = rows.filter((row) => row === "| promise | proof |" || row.startsWith("| SQLite |"));
  expect(rows.length - headings.length).toBe(rows.filter((row) => row.includes("](../")).length);
  expect(proofs.length).toBeGreaterThan(30);
});
