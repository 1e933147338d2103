import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const file = path.join(import.meta.dirname, "quick-start.ts");

test("the short example prints what its comments say", () => {
  const output = execFileSync(process.execPath, ["--conditions=ventyd-source", file], { encoding: "utf8" });
  expect(output).toBe(
    [
      "1 post:drafted ann First draft { title: 'Hello', status: 'draft' }",
      "2 post:approved bob Reviewed it { title: 'Hello', status: 'approved' }",
      "3 post:$rolled_back ann Found a mistake { title: 'Hello', status: 'draft' }",
      "approved",
      "",
    ].join("\n"),
  );
  const comments = [...readFileSync(file, "utf8").matchAll(/^\/\/ (\d post:.*)$/gm)].map(([, line]) => line);
  expect(comments).toEqual(output.split("\n").slice(0, 3));
});
