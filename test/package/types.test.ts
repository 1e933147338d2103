import { beforeAll, describe, expect, test } from "vitest";
import { run } from "../support/run.ts";
import { lockedVersions, userFolder } from "../support/user-folder.ts";
import { type Bridge, bridges } from "./bridges.ts";
import { compilers, tsc } from "./compilers.ts";
import { entries, peers } from "./entries.ts";
import { programs } from "./programs.ts";

/** Programs that need the types of Node: for `node:test`, or for a driver. */
const needNode = ["contract", "mysql", "node-sqlite", "postgres", "sqlite"];

const names = Object.keys(programs);
const esm = names.map((name) => `esm/${name}.mts`);
const cjs = [...names.map((name) => `cjs/${name}.cts`), "cjs/require.cts"];

const user = userFolder();

beforeAll(async () => {
  await user.install(lockedVersions(...peers, "@types/better-sqlite3", "@types/node", "@types/pg", "mysql2"));
  for (const [name, source] of Object.entries(programs)) {
    user.write(`esm/${name}.mts`, source);
    user.write(`cjs/${name}.cts`, source);
  }
  const required = entries.map(({ specifier }, index) => `import entry${index} = require("${specifier}");`);
  const all = entries.map((_, index) => `entry${index}`);
  user.write("cjs/require.cts", `${required.join("\n")}\nexport const all = [${all}];\n`);
}, 120_000);

test("there are programs that use every entry", () => {
  const used = Object.values(programs).join("\n");
  expect(entries.filter(({ specifier }) => !used.includes(` from "${specifier}";`))).toEqual([]);
});

test("the compilers are those that we say we support", () => {
  expect(compilers.map(({ version }) => version)).toEqual(["5.9.3", "6.0.3", "7.0.2"]);
});

describe.each(compilers)("every entry has types that check under TypeScript $version", ({ errors }) => {
  test.each([
    { module: "nodenext", moduleResolution: "nodenext", how: "imported and required", files: [...esm, ...cjs] },
    { module: "esnext", moduleResolution: "bundler", how: "imported", files: esm },
    { module: "preserve", moduleResolution: "bundler", how: "imported and required", files: cjs },
  ])("module $module, resolution $moduleResolution, $how", { timeout: 180_000 }, async (row) => {
    const { module, moduleResolution, files } = row;
    for (const exactOptionalPropertyTypes of [true, false]) {
      const options = { module, moduleResolution, exactOptionalPropertyTypes, types: ["node"] };
      expect(await errors(user.folder, files, options)).toEqual([]);
    }
  });

  test("without the types of Node or of a browser", { timeout: 120_000 }, async () => {
    const files = names.filter((name) => !needNode.includes(name)).map((name) => `esm/${name}.mts`);
    const found = await errors(user.folder, files, { module: "nodenext", lib: ["es2023"], types: [] });
    // Validators have schemas of a browser's classes: their own declarations name them, and so do not check without.
    const theirs = /^node_modules\/(?!ventyd\/).+ error TS(2304|2591): Cannot find name '\w+'\./;
    expect(found.filter((line) => !theirs.test(line))).toEqual([]);
  });
});

/** A package of a user's that exports all that one makes with ours. */
function libraryOf({ imports, note, schema, isStandard }: Bridge): string {
  const defined = `
    const parts = { state: note, events: { written: note }, initial: "written", metadata: note } as const;
    export const Memo = defineEntity("memo", {
      ...parts,
      reduce: { written: (_, { body }) => body },
      mutations: { write: ({ dispatch }, text: string) => dispatch("written", { text }) },
    });
    export const openMemos = (store: EventStore) => createRepository(Memo, { adapter: store });
    export const BareMemo = defineEntity("memo", { ...parts, reduce: { written: (_, { body }) => body } });
    export const DraftMemo = defineDraftEntity("memo", {
      ...parts,
      reduce: { written: (_, { body }) => body },
      mutations: { write: ({ dispatch }, text: string) => dispatch("written", { text }) },
    });
  `;
  return `
    import { createRepository, defineEntity, defineReducer, defineSchema, Entity, mutation, type EventStore } from "ventyd";
    import { defineEntity as defineDraftEntity } from "ventyd/immer";
    ${imports}
    const note = ${note};
    export const noteSchema = defineSchema("note", { schema: ${schema}, initialEventName: ["note:written", "note:edited"] });
    export const noteReducer = defineReducer(noteSchema, {
      "note:written": (_, { body }) => body,
      "note:edited": (_, { body }) => body,
    });
    export class Note extends Entity(noteSchema, noteReducer) {
      edit = mutation(this, (dispatch, text: string) => dispatch("note:edited", { text }));
    }
    export const open = (store: EventStore) => createRepository(Note, { adapter: store });
    ${isStandard ? defined : ""}
  `;
}

test("a library of the user's own can publish its schemas, reducers and entities: their types can be named", {
  timeout: 120_000,
}, async () => {
  for (const [name, bridge] of Object.entries(bridges)) user.write(`library/${name}.ts`, libraryOf(bridge));
  const files = Object.keys(bridges).map((name) => `library/${name}.ts`);
  const flags = ["--declaration", "--emitDeclarationOnly", "--rootDir", "library", "--outDir", "library/types"];
  const target = ["--strict", "--skipLibCheck", "--target", "es2023", "--module", "nodenext", "--types", ""];
  await run(process.execPath, [tsc, "--ignoreConfig", ...flags, ...target, ...files], { cwd: user.folder });
  for (const [name, { isStandard }] of Object.entries(bridges)) {
    const types = user.read(`library/types/${name}.d.ts`);
    expect(types).toContain("class Note");
    expect([types.includes("const Memo"), types.includes("const DraftMemo")]).toEqual([isStandard, isStandard]);
    expect(types).not.toMatch(/\bany\b/);
  }
});
