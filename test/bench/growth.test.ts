import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readFigures } from "../../bench/growth/figures.ts";
import { shown } from "../../bench/growth/report.ts";

test.each(Object.entries(shown))("the docs show the figures of growth that are kept: %s", (_, { file, renew }) => {
  const text = readFileSync(file, "utf8");
  expect(renew(text, readFigures())).toBe(text);
});
