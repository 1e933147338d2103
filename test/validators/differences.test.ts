import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { differences, differencesAsMarkdown, type Library, libraries, type Schemas } from "./differences.ts";

describe.each(Object.entries(libraries) as [Library, Schemas][])(
  "%s answers as the table of differences says:",
  (name, schemas) => {
    test.each(differences.filter(({ ask }) => ask !== undefined))("$what", async ({ ask, answers }) => {
      expect(await ask?.(schemas)).toBe(answers[name]);
    });
  },
);

test("the table has no row in which all libraries are the same", () => {
  for (const { answers } of differences) expect(new Set(Object.values(answers)).size).toBeGreaterThan(1);
});

test("the documentation shows the table as it is", () => {
  expect(readFileSync("docs/reference/validators.md", "utf8")).toContain(differencesAsMarkdown());
});
