import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { tempFile } from "../support/temp-database.ts";

const run = promisify(execFile);

test("B19: a whole life says nothing on stdout or stderr, and its process ends by itself", async () => {
  const script = fileURLToPath(new URL("./life-child.ts", import.meta.url));
  const { stdout, stderr } = await run(process.execPath, ["--conditions=ventyd-source", script, tempFile()], {
    timeout: 30_000,
  });
  expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "" });
});

test("G2: no error without a class and a code is thrown by the sources", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !/test|testing/.test(file),
  );
  expect(files.length).toBeGreaterThan(50);
  const bare = files.flatMap((file) => {
    const lines = readFileSync(path.join("src", file), "utf8").split("\n");
    // In examples of docstrings, the application throws what it likes.
    return lines
      .filter((line) => /throw new (Error|TypeError|RangeError)\(/.test(line) && !/^\s*\*/.test(line))
      .map((line) => `${file}: ${line.trim()}`);
  });
  // Caught a few lines further on.
  expect(bare.filter((line) => !line.startsWith("util/full-copy.ts"))).toEqual([]);
});
