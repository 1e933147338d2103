import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { includeSnippets } from "../../scripts/include-snippets.ts";

const SOURCE = `import x from "x";

function main() {
  // #region first
  const a = 1;
  if (a) {
    // #region inner
    x(a);
    // #endregion
  }
  // #endregion
}
`;

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), "snippets-"));
  writeFileSync(path.join(root, "a.ts"), SOURCE);
});
afterAll(() => rmSync(root, { recursive: true }));

const block = (marker: string, body: string) =>
  `# Title\n\n<!-- include: ${marker} -->\n\`\`\`ts\n${body}\`\`\`\n\ntext\n`;

describe("include-snippets", () => {
  test("puts a whole file into the block, without the region comments", () => {
    const { text, stale } = includeSnippets(block("a.ts", "old\n"), root);
    expect(text).toBe(block("a.ts", SOURCE.replaceAll(/^ *\/\/ #.*\n/gm, "")));
    expect(stale).toEqual(["a.ts"]);
  });

  test("puts a region into the block, without its indentation", () => {
    const { text } = includeSnippets(block("a.ts #first", "old\n"), root);
    expect(text).toBe(block("a.ts #first", "const a = 1;\nif (a) {\n  x(a);\n}\n"));
    expect(includeSnippets(block("a.ts #inner", ""), root).text).toBe(block("a.ts #inner", "x(a);\n"));
  });

  test("finds nothing stale in what it has just written", () => {
    const { text } = includeSnippets(block("a.ts #first", "") + block("a.ts", ""), root);
    expect(includeSnippets(text, root)).toEqual({ text, stale: [] });
  });

  test("refuses an include without a block, a missing region and a missing file", () => {
    expect(() => includeSnippets("<!-- include: a.ts -->\n\ntext\n", root)).toThrow("not followed by a code block");
    expect(() => includeSnippets(block("a.ts #none", ""), root)).toThrow("a.ts has no `// #region none`");
    expect(() => includeSnippets(block("b.ts", ""), root)).toThrow("ENOENT");
  });
});
