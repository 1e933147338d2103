/** How a user of one validator library writes the schema of a note: `{ text: string, tag?: string }`. */
export interface Bridge {
  readonly imports: string;
  readonly note: string;
  /** The `schema` of `defineSchema`, over `note` for two events and the state. */
  readonly schema: string;
  /** `defineEntity` takes `note` as it is. */
  readonly isStandard: boolean;
}

const overNotes = "{ event: { written: note, edited: note }, state: note }";

/** By the last part of the entry's name. */
export const bridges = {
  zod: {
    imports: 'import { z, zod } from "ventyd/zod";',
    note: "z.object({ text: z.string(), tag: z.string().optional() })",
    schema: `zod(${overNotes})`,
    isStandard: true,
  },
  valibot: {
    imports: 'import { v, valibot } from "ventyd/valibot";',
    note: "v.object({ text: v.string(), tag: v.optional(v.string()) })",
    schema: `valibot(${overNotes})`,
    isStandard: true,
  },
  arktype: {
    imports: 'import { arktype, type } from "ventyd/arktype";',
    note: 'type({ text: "string", "tag?": "string" })',
    schema: `arktype(${overNotes})`,
    isStandard: true,
  },
  typebox: {
    imports: 'import { Type, typebox } from "ventyd/typebox";',
    note: "Type.Object({ text: Type.String(), tag: Type.Optional(Type.String()) })",
    schema: `typebox(${overNotes})`,
    isStandard: false,
  },
  typebox0: {
    imports: 'import { Type, typebox } from "ventyd/typebox0";',
    note: "Type.Object({ text: Type.String(), tag: Type.Optional(Type.String()) })",
    schema: `typebox(${overNotes})`,
    isStandard: false,
  },
  standard: {
    imports: 'import * as v from "valibot";\nimport { standard } from "ventyd/standard";',
    note: "v.object({ text: v.string(), tag: v.optional(v.string()) })",
    schema: "standard({ body: { written: note, edited: note }, state: note })",
    isStandard: true,
  },
} satisfies Record<string, Bridge>;
