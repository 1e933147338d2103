import { beforeAll, describe, expect, test } from "vitest";
import { Editor } from "./language-service.ts";

/** A definition in the words of one library: a body with a union, a default and a transform of a text to a date. */
const libraries = {
  arktype: {
    header: 'import { arktype as bridge, type } from "ventyd/arktype";',
    state: 'type({ title: "string" })',
    created: 'type({ title: "string", at: "string.date.parse", kind: "\'a\' | \'b\'", "note?": "string" })',
  },
  typebox: {
    header: `import { Type, typebox as bridge } from "ventyd/typebox";
const Day = Type.Codec(Type.String()).Decode((text) => new Date(text)).Encode((date) => date.toISOString());`,
    state: "Type.Object({ title: Type.String() })",
    created:
      'Type.Object({ title: Type.String(), at: Day, kind: Type.Union([Type.Literal("a"), Type.Literal("b")]), note: Type.Optional(Type.String()) })',
  },
  typebox0: {
    header: `import { Type, typebox as bridge } from "ventyd/typebox0";
const Day = Type.Transform(Type.String()).Decode((text) => new Date(text)).Encode((date) => date.toISOString());`,
    state: "Type.Object({ title: Type.String() })",
    created:
      'Type.Object({ title: Type.String(), at: Day, kind: Type.Union([Type.Literal("a"), Type.Literal("b")]), note: Type.Optional(Type.String()) })',
  },
};

const programOf = ({ header, state, created }: (typeof libraries)["arktype"]) => `
import { defineReducer, defineSchema, Entity, mutation } from "ventyd";
${header}
const schema = defineSchema("post", { schema: bridge({ event: { created: ${created} }, state: ${state} }), initialEventName: "post:created" });
const reducer = defineReducer(schema, { "post:created": (_, { /*body*/body }) => ({ title: body./*at*/at.toISOString() }) });
class Post extends Entity(schema, reducer) {
  again = mutation(this, (dispatch) => /*dispatch*/dispatch("post:created", { title: "x", at: "2026", kind: "a" }));
}
const post = Post.create({ body: { title: "x", at: "2026", kind: "a" } });
post./*state*/state;
`;

const mistakes = `
class Wrong extends Entity(schema, reducer) {
  again = mutation(this, (dispatch) =>
    dispatch("post:created", {
      title: "x",
      at: new Date(), // wrong
      kind: "a",
    }),
  );
}
defineReducer(schema, {
  "post:created": () => ({
    title: 5, // wrong
  }),
});
`;

const editor = new Editor();
const files = new Map<string, { fixture: string; wrong: string }>();
beforeAll(() => {
  for (const [name, library] of Object.entries(libraries)) {
    files.set(name, {
      fixture: editor.open(`${name}-fixture.ts`, programOf(library)),
      wrong: editor.open(`${name}-wrong.ts`, programOf(library) + mistakes),
    });
  }
}, 30_000);

/** On one line, members in the order of the alphabet: the compiler does not promise another. */
function flat(text: string): string {
  return text
    .replace(
      /\{([^{}]*)\}/g,
      (_, members: string) =>
        `{ ${members
          .split(";")
          .map((member) => member.trim())
          .filter(Boolean)
          .toSorted()
          .join("; ")} }`,
    )
    .replaceAll('"b" | "a"', '"a" | "b"');
}

describe.each(Object.keys(libraries))("with %s, an editor", (name) => {
  const file = (which: "fixture" | "wrong") => files.get(name)?.[which] as string;
  const hover = (mark: string) => flat(editor.hover(file("fixture"), mark));

  test("finds no error in a program that is right", () => {
    expect(editor.errors(file("fixture"))).toEqual([]);
  });

  test("shows what a handler sees, in plain types", () => {
    expect(hover("body")).toBe('(parameter) body: { at: Date; kind: "a" | "b"; note?: string; title: string }');
    expect(hover("at")).toBe("(property) at: Date");
    expect(hover("state")).toBe("(property) state: { title: string }");
  });

  test("shows what dispatch takes, in plain types", () => {
    expect(hover("dispatch")).toBe(
      '(parameter) dispatch: <"post:created">(eventName: "post:created", body: { at: string; kind: "a" | "b"; note?: string; title: string }, options?: DispatchOptions) => void',
    );
  });

  test("marks mistakes at their own lines", () => {
    expect(editor.errors(file("wrong"))).toEqual([
      { line: expect.stringContaining("// wrong"), message: "Type 'Date' is not assignable to type 'string'." },
      { line: expect.stringContaining("// wrong"), message: "Type 'number' is not assignable to type 'string'." },
    ]);
  });
});
