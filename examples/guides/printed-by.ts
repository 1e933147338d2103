import { readFileSync } from "node:fs";
import path from "node:path";
import { format } from "node:util";
import { expect, vi } from "vitest";

/**
 * Runs an example of this folder and returns what it prints, line by line. Its comments `// => ...` must say the same: a reader takes them for
 * the output.
 */
export async function printedBy(file: string): Promise<string[]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  let printed: string[];
  try {
    await import(path.join(import.meta.dirname, file));
    printed = log.mock.calls.flatMap((values) => format(...values).split("\n"));
  } finally {
    log.mockRestore();
  }
  const source = readFileSync(path.join(import.meta.dirname, file), "utf8");
  expect(source.match(/(?<=\/\/ => ).*$/gm)).toEqual(printed);
  return printed;
}
