import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorCodes, retryableCodes } from "../../src/errors/index.ts";

/** The rows of every table of the page: code, class, retryable. */
const documented = readFileSync("docs/reference/errors.md", "utf8")
  .split("\n")
  .map((line) => line.match(/^\| `(\w+)` \| `(\w+)` \| (yes|no) \| [^|]+ \| [^|]+ \|$/))
  .filter((match) => match !== null)
  .map(([, code, className, retryable]) => ({ code, className, retryable: retryable === "yes" }));

test("every code stands once in the reference, with whether it can be retried", () => {
  const fromCode = errorCodes.map((code) => ({ code, retryable: retryableCodes.has(code) }));
  expect(documented.map(({ code, retryable }) => ({ code, retryable })).sort(byCode)).toEqual(fromCode.sort(byCode));
});

test("every code is thrown with the class that the reference names, and none is thrown that it does not name", () => {
  const thrown = new Map<string, Set<string>>();
  const note = (code: string, className: string) => thrown.set(code, (thrown.get(code) ?? new Set()).add(className));
  for (const file of globSync("src/**/*.ts", { exclude: ["**/*.test.ts", "**/*.test-d.ts"] })) {
    const source = readFileSync(file, "utf8");
    // `new ValidationError("code", ...)` wherever it is thrown; `super("code", ...)` and `code: "code"` in a class that has one code only.
    for (const [, className, code] of source.matchAll(/new (\w+Error)\(\s*"(\w+)",/g))
      note(code as string, className as string);
    for (const [, className, rest] of source.matchAll(/export class (\w+) extends \w+([\s\S]*?)\n}\n/g)) {
      for (const [, code] of (rest as string).matchAll(/super\(\s*(?:facts, \{\s*code: )?"(\w+)"/g))
        note(code as string, className as string);
    }
  }
  note("concurrency_conflict", "ConcurrencyError");
  const byDocument = Object.fromEntries(documented.map(({ code, className }) => [code, [className]]));
  const known = Object.fromEntries(
    [...thrown]
      .filter(([code]) => (errorCodes as readonly string[]).includes(code))
      .map(([code, names]) => [code, [...names]]),
  );
  expect(known).toEqual(byDocument);
});

function byCode(a: { code: string | undefined }, b: { code: string | undefined }): number {
  return String(a.code).localeCompare(String(b.code));
}
