/**
 * Keeps the code blocks of the docs equal to files that the tests run. In Markdown,
 *
 *     <!-- include: examples/orders/main.ts #reducer -->
 *     ```ts
 *     ...
 *     ```
 *
 * the block is the file, or the part of it between `// #region reducer` and `// #endregion`, without its indentation.
 * `npm run docs` rewrites the blocks, `npm run docs:check` names those that are stale.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

const BLOCK =
  /^(?<head>[ \t]*<!-- include: (?<file>\S+)(?: #(?<region>\S+))? -->\n\s*?(?<fence>`{3,})[^\n]*\n)(?<body>[\s\S]*?)(?<tail>^[ \t]*\k<fence>[ \t]*$)/gm;
const MARKER = /^[ \t]*<!-- include:[^\n]*$/gm;

/** The text with every included block renewed, and which of them were stale. */
export function includeSnippets(markdown: string, root: string): { text: string; stale: string[] } {
  const stale: string[] = [];
  let found = 0;
  const text = markdown.replace(BLOCK, (...match) => {
    const { head, file, region, body, tail } = match.at(-1) as Record<string, string>;
    found += 1;
    const code = snippet(readFileSync(path.join(root, file as string), "utf8"), file as string, region);
    if (code !== body) stale.push(region === undefined ? `${file}` : `${file} #${region}`);
    return `${head}${code}${tail}`;
  });
  const markers = markdown.match(MARKER) ?? [];
  if (markers.length !== found) {
    throw new Error(
      `${markers.length - found} of these includes are not followed by a code block:\n${markers.join("\n")}`,
    );
  }
  return { text, stale };
}

function snippet(source: string, file: string, region: string | undefined): string {
  let lines = source.trimEnd().split("\n");
  if (region !== undefined) {
    const start = lines.findIndex((line) => line.trim() === `// #region ${region}`);
    if (start < 0) throw new Error(`${file} has no \`// #region ${region}\``);
    const length = endOfRegion(lines.slice(start + 1));
    if (length < 0) throw new Error(`\`// #region ${region}\` in ${file} has no \`// #endregion\``);
    lines = lines.slice(start + 1, start + 1 + length);
  }
  lines = lines.filter((line) => !/^\s*\/\/ #(end)?region\b/.test(line));
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  const indent = Math.min(...indents);
  return `${lines
    .map((line) => line.slice(indent))
    .join("\n")
    .trim()}\n`;
}

function endOfRegion(lines: readonly string[]): number {
  let depth = 1;
  return lines.findIndex((line) => {
    if (/^\s*\/\/ #region\b/.test(line)) depth += 1;
    if (/^\s*\/\/ #endregion\b/.test(line)) depth -= 1;
    return depth === 0;
  });
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: "boolean" } } });
  const files =
    positionals.length > 0 ? positionals : globSync(["*.md", "{docs,examples,bench}/**/*.md"]).filter(existsSync);
  for (const file of files) {
    const { text, stale } = includeSnippets(readFileSync(file, "utf8"), process.cwd());
    for (const block of stale)
      console.error(values.check ? `${file}: ${block} is stale; run \`npm run docs\`` : `${file}: ${block} renewed`);
    if (stale.length > 0 && values.check) process.exitCode = 1;
    if (stale.length > 0 && !values.check) writeFileSync(file, text);
  }
}
