import { createRepository, defineEntity, ValidationError } from "ventyd";
import { type } from "ventyd/arktype";
import { createMemoryStore } from "ventyd/memory";
import { standardSchema, Type } from "ventyd/typebox";
import * as typebox0 from "ventyd/typebox0";
import { v } from "ventyd/valibot";
import { z } from "ventyd/zod";
import * as mini from "zod/mini";
import { z as z3 } from "zod3";
import type { StandardSchemaV1 } from "../../src/schema/standard-schema.ts";

/** The same schemas in the words of each library. */
export interface Schemas {
  /** An object with a text `a`. */
  readonly object: StandardSchemaV1;
  /** The same, and no other key. */
  readonly strict: StandardSchemaV1;
  /** An object with a text `a` that is not empty. */
  readonly bounded: StandardSchemaV1;
  /** An object with nothing that it must have. */
  readonly empty: StandardSchemaV1;
  /** A card with `last4`, or an invoice with `dueInDays`, told apart by `kind`. */
  readonly either: StandardSchemaV1;
  /** A text whose transform throws an error. */
  readonly throwing: StandardSchemaV1;
  /** An object with a number `n` that has a default. */
  readonly defaulted: StandardSchemaV1;
  /** A list of numbers. */
  readonly numbers: StandardSchemaV1;
}

const fail = (): never => {
  throw new Error("thrown by the transform");
};

const { Type: Type0, standardSchema: standardSchema0 } = typebox0;

export const libraries = {
  "Zod 4": {
    object: z.object({ a: z.string() }),
    strict: z.strictObject({ a: z.string() }),
    bounded: z.object({ a: z.string().min(1) }),
    empty: z.object({ a: z.string().optional() }),
    either: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("card"), last4: z.string() }),
      z.object({ kind: z.literal("invoice"), dueInDays: z.number() }),
    ]),
    throwing: z.string().transform(fail),
    defaulted: z.object({ n: z.number().default(1) }),
    numbers: z.array(z.number()),
  },
  "Zod 3": {
    object: z3.object({ a: z3.string() }),
    strict: z3.object({ a: z3.string() }).strict(),
    bounded: z3.object({ a: z3.string().min(1) }),
    empty: z3.object({ a: z3.string().optional() }),
    either: z3.discriminatedUnion("kind", [
      z3.object({ kind: z3.literal("card"), last4: z3.string() }),
      z3.object({ kind: z3.literal("invoice"), dueInDays: z3.number() }),
    ]),
    throwing: z3.string().transform(fail),
    defaulted: z3.object({ n: z3.number().default(1) }),
    numbers: z3.array(z3.number()),
  },
  "Zod Mini": {
    object: mini.object({ a: mini.string() }),
    strict: mini.strictObject({ a: mini.string() }),
    bounded: mini.object({ a: mini.string().check(mini.minLength(1)) }),
    empty: mini.object({ a: mini.optional(mini.string()) }),
    either: mini.discriminatedUnion("kind", [
      mini.object({ kind: mini.literal("card"), last4: mini.string() }),
      mini.object({ kind: mini.literal("invoice"), dueInDays: mini.number() }),
    ]),
    throwing: mini.pipe(mini.string(), mini.transform(fail)),
    defaulted: mini.object({ n: mini._default(mini.number(), 1) }),
    numbers: mini.array(mini.number()),
  },
  Valibot: {
    object: v.object({ a: v.string() }),
    strict: v.strictObject({ a: v.string() }),
    bounded: v.object({ a: v.pipe(v.string(), v.minLength(1)) }),
    empty: v.object({ a: v.optional(v.string()) }),
    either: v.variant("kind", [
      v.object({ kind: v.literal("card"), last4: v.string() }),
      v.object({ kind: v.literal("invoice"), dueInDays: v.number() }),
    ]),
    throwing: v.pipe(v.string(), v.transform(fail)),
    defaulted: v.object({ n: v.optional(v.number(), 1) }),
    numbers: v.array(v.number()),
  },
  ArkType: {
    object: type({ a: "string" }),
    strict: type({ a: "string", "+": "reject" }),
    bounded: type({ a: "string > 0" }),
    empty: type({ "a?": "string" }),
    either: type({ kind: "'card'", last4: "string" }).or({ kind: "'invoice'", dueInDays: "number" }),
    throwing: type("string").pipe(fail),
    defaulted: type({ n: "number = 1" }),
    numbers: type("number[]"),
  },
  "TypeBox 1": {
    object: standardSchema(Type.Object({ a: Type.String() })),
    strict: standardSchema(Type.Object({ a: Type.String() }, { additionalProperties: false })),
    bounded: standardSchema(Type.Object({ a: Type.String({ minLength: 1 }) })),
    empty: standardSchema(Type.Object({ a: Type.Optional(Type.String()) })),
    either: standardSchema(
      Type.Union([
        Type.Object({ kind: Type.Literal("card"), last4: Type.String() }),
        Type.Object({ kind: Type.Literal("invoice"), dueInDays: Type.Number() }),
      ]),
    ),
    throwing: standardSchema(Type.Codec(Type.String()).Decode(fail).Encode(fail)),
    defaulted: standardSchema(Type.Object({ n: Type.Number({ default: 1 }) })),
    numbers: standardSchema(Type.Array(Type.Number())),
  },
  "TypeBox 0.34": {
    object: standardSchema0(Type0.Object({ a: Type0.String() })),
    strict: standardSchema0(Type0.Object({ a: Type0.String() }, { additionalProperties: false })),
    bounded: standardSchema0(Type0.Object({ a: Type0.String({ minLength: 1 }) })),
    empty: standardSchema0(Type0.Object({ a: Type0.Optional(Type0.String()) })),
    either: standardSchema0(
      Type0.Union([
        Type0.Object({ kind: Type0.Literal("card"), last4: Type0.String() }),
        Type0.Object({ kind: Type0.Literal("invoice"), dueInDays: Type0.Number() }),
      ]),
    ),
    throwing: standardSchema0(Type0.Transform(Type0.String()).Decode(fail).Encode(fail)),
    defaulted: standardSchema0(Type0.Object({ n: Type0.Number({ default: 1 }) })),
    numbers: standardSchema0(Type0.Array(Type0.Number())),
  },
} satisfies Record<string, Schemas>;

export type Library = keyof typeof libraries;

/** What becomes of a body that is dispatched: it is stored, or refused with issues at some paths, or something is thrown. */
type Outcome = { readonly stored: unknown } | { readonly paths: readonly string[] } | { readonly thrown: string };

function dispatch(schema: StandardSchemaV1, body: unknown): Outcome {
  const Thing = defineEntity("thing", {
    state: z.unknown(),
    events: { made: schema },
    initial: "made",
    reduce: { made: () => ({}) },
  });
  try {
    return { stored: Thing.create({ body }).uncommittedEvents[0]?.body };
  } catch (error) {
    if (!(error instanceof ValidationError)) return { thrown: String((error as { code?: unknown }).code ?? error) };
    // From the body on, as the reader of the table has it before the eyes.
    return { paths: error.issues.map(({ path }) => path.slice(1).join(".") || "the body") };
  }
}

const isStored = (outcome: Outcome) => "stored" in outcome;
const pathsOf = (outcome: Outcome) => ("paths" in outcome ? [...new Set(outcome.paths)].toSorted().join(", ") : "none");

/** Whether the types let callers leave out a key that has a default; the compiler checks these answers. */
const mayLeaveOutDefaults: {
  readonly [L in Library]: Record<never, never> extends StandardSchemaV1.InferInput<(typeof libraries)[L]["defaulted"]>
    ? "yes"
    : "no";
} = {
  "Zod 4": "yes",
  "Zod 3": "yes",
  "Zod Mini": "yes",
  Valibot: "yes",
  ArkType: "yes",
  "TypeBox 1": "no",
  "TypeBox 0.34": "no",
};

/** The same answer for every library, but for those that are named. */
const all = (answer: string, others: { readonly [L in Library]?: string }): { readonly [L in Library]: string } =>
  Object.fromEntries(Object.keys(libraries).map((name) => [name, others[name as Library] ?? answer])) as never;

/**
 * Where the libraries differ, and Ventyd leaves it at that. docs/reference/validators.md shows this table, and a test asks every library
 * every question.
 */
export const differences: readonly {
  readonly what: string;
  /** Absent where the compiler has checked the answers. */
  readonly ask?: (schemas: Schemas) => string | Promise<string>;
  readonly answers: { readonly [L in Library]: string };
}[] = [
  {
    what: "A key that is not declared is",
    ask: ({ object }) =>
      "b" in (dispatch(object, { a: "x", b: 1 }) as { stored: object }).stored ? "kept" : "dropped",
    answers: all("dropped", { ArkType: "kept", "TypeBox 1": "kept", "TypeBox 0.34": "kept" }),
  },
  {
    what: "In a strict object, the issue of such a key `b` is at",
    ask: ({ strict }) => pathsOf(dispatch(strict, { a: "x", b: 1 })),
    answers: all("b", { "Zod 4": "the body", "Zod 3": "the body", "Zod Mini": "the body" }),
  },
  {
    what: 'In a union of a card with `last4` and an invoice with `dueInDays`, the issues of `{ kind: "card" }` are at',
    ask: ({ either }) => pathsOf(dispatch(either, { kind: "card" })),
    answers: all("last4", { "TypeBox 1": "dueInDays, kind, last4, the body", "TypeBox 0.34": "the body" }),
  },
  {
    what: "An array, where an object is declared that needs no key, is",
    ask: ({ empty }) => (isStored(dispatch(empty, [])) ? "taken" : "refused"),
    answers: all("refused", { Valibot: "taken", ArkType: "taken" }),
  },
  {
    what: "Of twenty mistakes, an error names",
    ask: ({ numbers }) => {
      const outcome = dispatch(
        numbers,
        Array.from({ length: 20 }, () => "x"),
      );
      return String("paths" in outcome ? outcome.paths.length : 0);
    },
    answers: all("20", { "TypeBox 1": "8" }),
  },
  {
    what: "A transform that throws an error",
    ask: ({ throwing }) => {
      const outcome = dispatch(throwing, "x");
      if ("paths" in outcome) return "refuses the body";
      return "thrown" in outcome && outcome.thrown === "async_validator" ? "is `async_validator`" : "lets it through";
    },
    answers: all("is `async_validator`", {
      Valibot: "lets it through",
      ArkType: "lets it through",
      "TypeBox 1": "refuses the body",
      "TypeBox 0.34": "refuses the body",
    }),
  },
  {
    what: "By type, callers may leave out a key with a default",
    answers: mayLeaveOutDefaults,
  },
  {
    what: "A snapshot is made anew when the schema has changed",
    ask: async ({ object, bounded }) => {
      const options = { adapter: createMemoryStore(), snapshot: { frequency: 1 } };
      // Their text is the same: what the two builds compute differs by what their reducers close over.
      const build = (state: StandardSchemaV1, a: string) =>
        defineEntity("thing", {
          state,
          events: { made: z.object({}) },
          initial: "made",
          reduce: { made: () => ({ a }) },
        });
      await createRepository(build(object, "before"), options).create({ entityId: "t", body: {} });
      const { state } = await createRepository(build(bounded, "after"), options).findOneOrThrow({ entityId: "t" });
      return (state as { a: string }).a === "after" ? "yes" : "no";
    },
    answers: all("yes", { "Zod 3": "no", "Zod Mini": "no", Valibot: "no" }),
  },
];

/** The table as Markdown. */
export function differencesAsMarkdown(): string {
  const names = Object.keys(libraries) as Library[];
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    row(["", ...names]),
    row(["---", ...names.map(() => "---")]),
    ...differences.map(({ what, answers }) => row([what, ...names.map((name) => answers[name])])),
  ].join("\n");
}
