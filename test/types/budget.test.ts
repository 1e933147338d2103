import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");
const EVENTS = Array.from({ length: 100 }, (_, index) => index);

const validators = {
  zod: {
    header: 'import { z, zod } from "ventyd/zod";',
    schema: (bodies: string) =>
      `zod({ event: { ${bodies} }, state: z.object({ title: z.string(), count: z.number() }) })`,
    body: (index: number) => `z.object({ id: z.string(), tags: z.array(z.string()), flag${index}: z.boolean() })`,
  },
  valibot: {
    header: 'import { v, valibot } from "ventyd/valibot";',
    schema: (bodies: string) =>
      `valibot({ event: { ${bodies} }, state: v.object({ title: v.string(), count: v.number() }) })`,
    body: (index: number) => `v.object({ id: v.string(), tags: v.array(v.string()), flag${index}: v.boolean() })`,
  },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "budget-"));
  symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"), "junction");
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  const source = (file: string) => [path.join(ROOT, "src", file)];
  const config = {
    extends: path.join(ROOT, "tsconfig.json"),
    compilerOptions: {
      types: [],
      skipLibCheck: true,
      paths: {
        ventyd: source("index.ts"),
        "ventyd/zod": source("validators/zod.ts"),
        "ventyd/valibot": source("validators/valibot.ts"),
      },
    },
    include: [],
    files: ["program.ts"],
  };
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(config));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** How many types the compiler makes while it checks a program without errors. */
function instantiations(program: string): number {
  writeFileSync(path.join(folder, "program.ts"), program);
  const tsc = path.join(ROOT, "node_modules/typescript/bin/tsc");
  const output = execFileSync(process.execPath, [tsc, "-p", folder, "--noEmit", "--extendedDiagnostics"], {
    encoding: "utf8",
  });
  return Number(/Instantiations:\s+(\d+)/.exec(output)?.[1]);
}

describe.each(["zod", "valibot"] as const)("a schema of 100 event types with %s", (name) => {
  const { header, schema, body } = validators[name];
  const bodies = EVENTS.map((index) => `event${index}: ${body(index)}`).join(", ");
  const handlers = EVENTS.map((index) =>
    index === 0
      ? `"post:event0": (_, { body }) => ({ title: body.id, count: 0 })`
      : `"post:event${index}": (state, { body }) => ({ ...state, title: body.flag${index} ? body.id : "", count: state.count + 1 })`,
  );
  const withHandlers = `import { defineReducer, defineSchema, Entity, mutation } from "ventyd";
${header}
const schema = defineSchema("post", { schema: ${schema(bodies)}, initialEventName: "post:event0" });
const reducer = defineReducer(schema, { ${handlers.join(",\n")} });
`;
  const mutations = EVENTS.map(
    (index) =>
      `m${index} = mutation(this, (dispatch, id: string) => dispatch("post:event${index}", { id, tags: [], flag${index}: true }));`,
  );

  test("and a handler for each is checked with fewer than 100,000 instantiations", () => {
    const count = instantiations(withHandlers);
    expect(count).toBeGreaterThan(1000);
    expect(count).toBeLessThan(100_000);
  });

  test("costs no more than that with a mutation for each, too", () => {
    const count = instantiations(
      `${withHandlers}class Post extends Entity(schema, reducer) { ${mutations.join("\n")} }\n`,
    );
    expect(count).toBeGreaterThan(1000);
    expect(count).toBeLessThan(100_000);
  });
});
