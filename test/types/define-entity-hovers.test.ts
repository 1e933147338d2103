import { beforeAll, describe, expect, test } from "vitest";
import { Editor } from "./language-service.ts";

/** The parts of a definition; each mistake below replaces one of them. */
const parts = {
  state: `state: z.object({ title: z.string(), status: z.enum(["draft", "approved"]) }),`,
  events: `events: { created: z.object({ title: z.string() }), approved: z.object({ comment: z.string().default("fine") }) },`,
  initial: `initial: "created",`,
  reduce: `/*reduce*/reduce: {
    created: (_, { body }) => ({ title: body.title, status: "draft" }),
    approved: (/*handlerState*/state, /*handlerEvent*/event) => ({ ...state, status: event.body.comment === "" ? "draft" : "approved" }),
  },`,
  mutations: `mutations: {
    approve: (/*context*/context, comment: string) => {
      context.dispatch("approved", { comment });
      return comment.length;
    },
    publish: async ({ /*stateInContext*/state, /*dispatchParameter*/dispatch }, loud = true) => {
      /*dispatch*/dispatch("approved", {});
      return state.status;
    },
  },`,
  options: `irreversible: ["approved"],`,
};

const program = (replaced: Partial<typeof parts>, rest = "") => `import Database from "better-sqlite3";
import { createRepository, defineEntity } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z } from "zod";

const Post = defineEntity("post", {
${Object.values({ ...parts, ...replaced }).join("\n")}
});
${rest}
`;

const editor = new Editor();
let fixture: string;
beforeAll(() => {
  fixture = editor.open(
    "define-entity-fixture.ts",
    program(
      {},
      `const post = Post.create({ body: { title: "Hello" } });
post./*state*/state;
post./*entityName*/entityName;
post./*approve*/approve("LGTM");
post./*publish*/publish();
Post.load({ entityId: "p1", state: post.state })./*readonlyState*/state;
class Special extends Post {}
const posts = createRepository(Special, { adapter: createSqliteStore(new Database(":memory:")) });
const /*found*/found = await posts.findOne({ entityId: "p1" });
const /*readonly*/readonly = Special.load({ entityId: "p1", state: post.state });
`,
    ),
  );
}, 30_000);

const state = `{
    title: string;
    status: "draft" | "approved";
}`;

describe("hovering in a definition", () => {
  test("is about a program without errors", () => {
    expect(editor.errors(fixture)).toEqual([]);
  });

  test.each([
    ["handlerState", `(parameter) state: ${state}`],
    ["handlerEvent", `(parameter) event: EventOf<"post", "post:approved", {\n    comment: string;\n}>`],
    ["stateInContext", `(parameter) state: ${state}`],
    [
      "dispatch",
      `(parameter) dispatch: <"approved">(eventName: "approved", body: {
    comment?: string | undefined;
}, options?: DispatchOptions) => void`,
    ],
  ])("over %s shows its type and nothing of the schema", (mark, text) => {
    expect(editor.hover(fixture, mark)).toBe(text);
  });

  test("over dispatch, where it is declared, lists the events by short names and what each takes", () => {
    expect(sorted(editor.hover(fixture, "dispatchParameter"))).toBe(
      sorted(`(parameter) dispatch: DispatchOf<{
    created: {
        title: string;
    };
    approved: {
        comment?: string | undefined;
    };
}>`),
    );
  });

  test("over the context shows the state and the events", () => {
    const hover = editor.hover(fixture, "context");
    expect(hover).toMatch(/^\(parameter\) context: MutationContext<\{\n {4}title: string;/);
    expect(hover).toContain("comment?: string | undefined;");
    expect(hover).not.toContain("Zod");
  });

  test("over reduce lists the handlers as they should be", () => {
    const hover = editor.hover(fixture, "reduce");
    expect(hover).toContain("readonly created: (state: null, event: EventOf<");
    expect(hover).not.toContain("Zod");
  });

  test.each([
    ["state", `(property) state: ${state}`],
    ["entityName", `(property) entityName: "post"`],
    ["approve", "(property) approve: (comment: string) => number"],
    ["publish", `(property) publish: (loud?: boolean | undefined) => Promise<"draft" | "approved">`],
    ["readonlyState", `(property) state: ${state}`],
    ["found", "const found: Special | null"],
    ["readonly", "const readonly: ReadonlyEntity<Special>"],
  ])("over an entity's %s shows what its users need", (mark, text) => {
    expect(editor.hover(fixture, mark)).toBe(text);
  });
});

/** Definitions with one mistake each, on the line that is marked, and what the editor says of it. */
const mistakes: [title: string, program: string, message: string | RegExp][] = [
  [
    "a missing handler stands at reduce, and names the event",
    program({ reduce: `reduce: { // wrong\n created: () => ({ title: "x", status: "draft" }) },` }),
    /Property 'approved' is missing in type/,
  ],
  [
    "a handler for no event stands at that handler",
    program({
      reduce: `reduce: {
    created: () => ({ title: "x", status: "draft" }),
    approved: (state) => state,
    archived: () => ({ title: "x", status: "draft" }), // wrong
  },`,
    }),
    /Object literal may only specify known properties, (and|but) 'archived' does not exist/,
  ],
  [
    "a handler's result stands at that handler",
    program({
      reduce: `reduce: {
    created: () => ({ title: "x", status: "draft" }),
    approved: (state) => ({ ...state, status: "gone" }), // wrong
  },`,
    }),
    `Type '"gone"' is not assignable to type '"draft" | "approved"'.`,
  ],
  [
    "the result of a handler without parameters stands at that handler too",
    program({
      reduce: `reduce: {
    created: () => ({ title: "x", status: "gone" }), // wrong
    approved: (state) => state,
  },`,
    }),
    `Type '"gone"' is not assignable to type '"draft" | "approved"'.`,
  ],
  [
    "a typo in the initial event stands at its name",
    program({
      initial: `initial: "craeted", // wrong`,
      reduce: `reduce: { created: () => ({ title: "x", status: "draft" }), approved: () => ({ title: "x", status: "draft" }) },`,
    }),
    /"craeted"/,
  ],
  [
    "a forgotten initial event stands at the call, and names what is missing",
    program({ initial: "" }).replace('defineEntity("post", {', 'defineEntity("post", { // wrong'),
    /Property 'initial' is missing in type/,
  ],
  [
    "a typo in an irreversible event stands at its name, and names the events that there are",
    program({ options: `irreversible: ["aproved"], // wrong` }),
    /"created" \| "approved"|"approved" \| "created"/,
  ],
  [
    "an event that does not exist stands where it is dispatched, and names those that do",
    program({
      mutations: `mutations: {
    archive: ({ dispatch }) => {
      dispatch("archived", {}); // wrong
    },
  },`,
    }),
    /Argument of type '"archived"' is not assignable to parameter of type '"(created|approved)" \| "(created|approved)"'\./,
  ],
  [
    "a body stands at the key that is wrong",
    program({
      mutations: `mutations: {
    rename: ({ dispatch }) => {
      dispatch("created", {
        title: 5, // wrong
      });
    },
  },`,
    }),
    "Type 'number' is not assignable to type 'string'.",
  ],
  [
    "a mutation called like a member of every entity stands at that mutation",
    program({
      mutations: `mutations: {
    approve: ({ dispatch }, comment: string) => dispatch("approved", { comment }),
    state: () => {}, // wrong
  },`,
    }),
    /is not assignable to type 'undefined'/,
  ],
  [
    "an argument of a mutation stands where it is called",
    program({}, `Post.create({ body: { title: "x" } }).approve(\n  5, // wrong\n);`),
    "Argument of type 'number' is not assignable to parameter of type 'string'.",
  ],
  [
    "an option that does not exist stands at that option",
    program({ options: `colour: "red", // wrong` }),
    /Object literal may only specify known properties, and 'colour' does not exist/,
  ],
];

describe("in a definition, the one error about", () => {
  let programs: string[];
  // All at once: one program holds them all, and is built once.
  beforeAll(() => {
    programs = mistakes.map(([, text], index) => editor.open(`define-entity-mistake-${index}.ts`, text));
  });

  test.each(mistakes.map(([title, , message], index) => ({ title, message, index })))(
    "$title",
    ({ message, index }) => {
      const errors = editor.errors(programs[index] as string);
      const expected = typeof message === "string" ? message : expect.stringMatching(message);
      expect(errors).toEqual([{ line: expect.stringContaining("// wrong"), message: expected }]);
    },
  );
});

/** The compiler does not promise an order among members. */
function sorted(text: string): string {
  return text.split("\n").sort().join("\n");
}
