import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const events = Array.from({ length: 100 }, (_, index) => index);

/** How one library writes the schemas of the programs below. */
interface Validator {
  readonly header: string;
  readonly state: string;
  body(index: number): string;
  /** The call that makes a schema of them for `defineSchema`. */
  bridge(bodies: string, state: string): string;
  /** What makes a Standard Schema of one of the library's, where it is none. */
  readonly standardSchema?: string;
  /** How the library by itself says what goes into a schema, and what comes out. */
  readonly bare?: { readonly header: string; input(schema: string): string; output(schema: string): string };
}

const zodSchemas = {
  state: "z.object({ title: z.string(), count: z.number() })",
  body: (index: number) => `z.object({ id: z.string(), tags: z.array(z.string()), flag${index}: z.boolean() })`,
};

const typeboxSchemas = {
  state: "Type.Object({ title: Type.String(), count: Type.Number() })",
  body: (index: number) =>
    `Type.Object({ id: Type.String(), tags: Type.Array(Type.String()), flag${index}: Type.Boolean() })`,
  bridge: (bodies: string, state: string) => `typebox({ event: ${bodies}, state: ${state} })`,
  standardSchema: "standardSchema",
};

const validators = {
  zod: {
    ...zodSchemas,
    header: 'import { z, zod } from "ventyd/zod";',
    bridge: (bodies, state) => `zod({ event: ${bodies}, state: ${state} })`,
  },
  standard: {
    ...zodSchemas,
    header: 'import { standard } from "ventyd/standard"; import { z } from "zod";',
    bridge: (bodies, state) => `standard({ body: ${bodies}, state: ${state} })`,
  },
  valibot: {
    header: 'import { v, valibot } from "ventyd/valibot";',
    state: "v.object({ title: v.string(), count: v.number() })",
    body: (index) => `v.object({ id: v.string(), tags: v.array(v.string()), flag${index}: v.boolean() })`,
    bridge: (bodies, state) => `valibot({ event: ${bodies}, state: ${state} })`,
  },
  arktype: {
    header: 'import { arktype, type } from "ventyd/arktype";',
    state: 'type({ title: "string", count: "number" })',
    body: (index) => `type({ id: "string", tags: "string[]", flag${index}: "boolean" })`,
    bridge: (bodies, state) => `arktype({ event: ${bodies}, state: ${state} })`,
    bare: {
      header: 'import { type } from "arktype";',
      input: (schema) => `typeof ${schema}.inferIn`,
      output: (schema) => `typeof ${schema}.infer`,
    },
  },
  typebox: {
    ...typeboxSchemas,
    header: 'import { standardSchema, Type, typebox } from "ventyd/typebox";',
    bare: {
      header: 'import { Type } from "typebox";',
      input: (schema) => `Type.StaticEncode<typeof ${schema}>`,
      output: (schema) => `Type.StaticDecode<typeof ${schema}>`,
    },
  },
  typebox0: {
    ...typeboxSchemas,
    header: 'import { standardSchema, Type, typebox } from "ventyd/typebox0";',
    bare: {
      header: 'import { type StaticDecode, type StaticEncode, Type } from "@sinclair/typebox";',
      input: (schema) => `StaticEncode<typeof ${schema}>`,
      output: (schema) => `StaticDecode<typeof ${schema}>`,
    },
  },
} satisfies Record<string, Validator>;

export type ValidatorName = keyof typeof validators;

/** A program that has the schemas of 100 bodies and asks for the two types of each, without a word of ours. */
export function programOf100Schemas(name: "arktype" | "typebox" | "typebox0"): string {
  const { body, bare } = validators[name];
  const uses = events.map(
    (index) => `const body${index} = ${body(index)};
declare const input${index}: ${bare.input(`body${index}`)};
declare const output${index}: ${bare.output(`body${index}`)};
input${index}.id === output${index}.id;`,
  );
  return `${bare.header}\n${uses.join("\n")}\n`;
}

/** A program that declares `schema`, with 100 event types, and `reducer`, with a handler for each. */
export function programOf100Events(name: ValidatorName): string {
  const { header, state, body, bridge } = validators[name];
  const bodies = events.map((index) => `event${index}: ${body(index)}`).join(", ");
  const handlers = events.map((index) =>
    index === 0
      ? `"post:event0": (_, { body }) => ({ title: body.id, count: 0 })`
      : `"post:event${index}": (state, { body }) => ({ ...state, title: body.flag${index} ? body.id : "", count: state.count + 1 })`,
  );
  return `import { defineReducer, defineSchema, Entity, mutation } from "ventyd";
${header}
const schema = defineSchema("post", {
  schema: ${bridge(`{ ${bodies} }`, state)},
  initialEventName: "post:event0",
});
const reducer = defineReducer(schema, { ${handlers.join(",\n")} });
`;
}

/** The class behind that program, with a mutation for each event. */
export function classOf100Mutations(): string {
  const mutations = events.map(
    (index) =>
      `m${index} = mutation(this, (dispatch, id: string) => dispatch("post:event${index}", { id, tags: [], flag${index}: true }));`,
  );
  return `class Post extends Entity(schema, reducer) { ${mutations.join("\n")} }\n`;
}

/** A program that defines the same entity in one place, uses it, and calls each of its mutations. */
export function definitionOf100Events(name: ValidatorName): string {
  const { header, state, body, standardSchema = "" }: Validator = validators[name];
  const bodies = events.map((index) => `event${index}: ${standardSchema}(${body(index)})`).join(", ");
  const handlers = events.map((index) =>
    index === 0
      ? `event0: (_, { body }) => ({ title: body.id, count: 0 })`
      : `event${index}: (state, { body }) => ({ ...state, title: body.flag${index} ? body.id : "", count: state.count + 1 })`,
  );
  const mutations = events.map(
    (index) =>
      `m${index}: ({ dispatch }, id: string) => dispatch("event${index}", { id, tags: [], flag${index}: true })`,
  );
  return `import { defineEntity } from "ventyd";
${header}
const Post = defineEntity("post", {
  state: ${standardSchema}(${state}),
  events: { ${bodies} },
  initial: "event0",
  reduce: { ${handlers.join(",\n")} },
  mutations: { ${mutations.join(",\n")} },
});
const post = Post.create({ body: { id: "x", tags: [], flag0: true } });
const count: number = post.state.count;
${events.map((index) => `post.m${index}("x");`).join("\n")}
`;
}

/** What the compiler spent on a program. */
export interface TypeCost {
  readonly instantiations: number;
  /** Of the check alone, without reading files. */
  readonly checkSeconds: number;
}

/**
 * Has the compiler check a program that has no errors.
 *
 * @param entries the files behind `"ventyd"` and its subpaths, from the root of the project.
 */
export function typeCost(program: string, entries: { readonly [specifier: string]: string }): TypeCost {
  const folder = mkdtempSync(path.join(tmpdir(), "type-cost-"));
  try {
    symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"), "junction");
    const paths = Object.entries(entries).map(([specifier, file]) => [specifier, [path.join(root, file)]]);
    const config = {
      extends: path.join(root, "tsconfig.json"),
      compilerOptions: { types: [], skipLibCheck: true, paths: Object.fromEntries(paths) },
      include: [],
      files: ["program.ts"],
    };
    writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(config));
    writeFileSync(path.join(folder, "program.ts"), program);
    const tsc = path.join(root, "node_modules/typescript/bin/tsc");
    const output = execFileSync(process.execPath, [tsc, "-p", folder, "--noEmit", "--extendedDiagnostics"], {
      encoding: "utf8",
    });
    const figure = (pattern: RegExp) => Number(pattern.exec(output)?.[1]);
    return {
      instantiations: figure(/Instantiations:\s+(\d+)/),
      checkSeconds: figure(/Check time:\s+([\d.]+)s/),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
