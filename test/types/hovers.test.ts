import { beforeAll, describe, expect, test } from "vitest";
import { Editor } from "./language-service.ts";

/** What every fixture starts with: a schema, its reducer, a class and a repository, as a user writes them. */
const prelude = `import Database from "better-sqlite3";
import { createRepository, defineReducer, defineSchema, Entity, mutation } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z, zod } from "ventyd/zod";

const postSchema = defineSchema("post", {
  schema: zod({
    event: { created: z.object({ title: z.string() }), approved: z.object({ comment: z.string().default("fine") }) },
    state: z.object({ title: z.string(), status: z.enum(["draft", "approved"]) }),
  }),
  initialEventName: "post:created",
});
const postReducer = defineReducer(postSchema, {
  "post:created": (_, { body }) => ({ title: body.title, status: "draft" }),
  "post:approved": (/*handlerState*/state, /*handlerEvent*/event) => ({ ...state, status: event./*handlerBody*/body.comment === "" ? "draft" : "approved" }),
});
class Post extends Entity(postSchema, postReducer) {
  approve = mutation(this, (/*dispatchParameter*/dispatch, comment: string) => {
    /*dispatch*/dispatch("post:approved", { comment });
    return comment.length;
  });
}
const posts = createRepository(Post, { adapter: createSqliteStore(new Database(":memory:")) });
const post = Post.create({ body: { title: "Hello" } });
`;

const editor = new Editor();
let fixture: string;
beforeAll(() => {
  fixture = editor.open(
    "fixture.ts",
    `${prelude}
post./*state*/state;
post./*version*/version;
post./*entityName*/entityName;
post./*uncommittedEvents*/uncommittedEvents;
post./*approve*/approve("LGTM");
Post.load({ entityId: "p1", state: post.state })./*readonlyState*/state;
const /*readonly*/readonly = Post.load({ entityId: "p1", state: post.state });
const /*found*/found = await posts.findOne({ entityId: "p1" });
const /*foundThen*/foundThen = await posts.findOne({ entityId: "p1", version: 3 });
const /*foundOrThrown*/foundOrThrown = await posts.findOneOrThrow({ entityId: "p1" });
const /*many*/many = await posts.findMany({ entityIds: ["p1", "p2"] });
const { /*entity*/entity, /*result*/result, /*events*/events } = await posts.mutate({ entityId: "p1" }, (post) => post.approve("LGTM"));
const /*committed*/committed = await posts.commit(post);
const /*history*/history = await posts.history({ entityId: "p1" });
const /*preview*/preview = await posts.previewRollback({ entityId: "p1", toVersion: 1 });
`,
  );
}, 30_000);

const state = `{
    title: string;
    status: "approved" | "draft";
}`;

describe("hovering", () => {
  test("is about a program without errors", () => {
    expect(editor.errors(fixture)).toEqual([]);
  });

  test.each([
    ["handlerState", `(parameter) state: ${state}`],
    ["handlerEvent", `(parameter) event: EventOf<"post", "post:approved", {\n    comment: string;\n}>`],
    [
      "handlerBody",
      `(property) EventOf<"post", "post:approved", { comment: string; }>.body: {\n    comment: string;\n}`,
    ],
  ])("over a handler's %s tells what that event carries, and what was there before it", (mark, text) => {
    expect(editor.hover(fixture, mark)).toBe(text);
  });

  test("over dispatch, where it is declared, lists the events and what each takes", () => {
    expect(editor.hover(fixture, "dispatchParameter")).toBe(`(parameter) dispatch: DispatchOf<{
    "post:created": {
        title: string;
    };
    "post:approved": {
        comment?: string | undefined;
    };
}>`);
  });

  test("over dispatch, where it is called, tells what that one event takes", () => {
    expect(editor.hover(fixture, "dispatch")).toBe(
      `(parameter) dispatch: <"post:approved">(eventName: "post:approved", body: {
    comment?: string | undefined;
}, options?: DispatchOptions) => void`,
    );
  });

  test.each([
    ["state", `(property) state: ${state}`],
    ["version", "(property) version: number"],
    ["entityName", `(property) entityName: "post"`],
    ["approve", "(property) Post.approve: (comment: string) => number"],
    ["readonlyState", `(property) state: ${state}`],
    ["readonly", "const readonly: ReadonlyEntity<Post>"],
  ])("over an entity's %s shows its type and nothing of the schema", (mark, text) => {
    expect(editor.hover(fixture, mark)).toBe(text);
  });

  test.each([
    ["found", "const found: Post | null"],
    ["foundThen", "const foundThen: ReadonlyEntity<Post> | null"],
    ["foundOrThrown", "const foundOrThrown: Post"],
    ["many", "const many: (Post | null)[]"],
    ["entity", "const entity: Post"],
    ["result", "const result: number"],
    ["events", "const events: readonly StoredEvent[]"],
    ["committed", "const committed: CommitResult"],
    ["history", "const history: readonly HistoryEntry<StoredEvent>[]"],
    ["preview", "const preview: RollbackPreview<StoredEvent>"],
  ])("over what a repository gave, %s, names the user's own class", (mark, text) => {
    expect(editor.hover(fixture, mark)).toBe(text);
  });
});

/** Programs with one mistake each, on the line that is marked, and what the editor says of it. */
const mistakes: [title: string, program: string, message: string | RegExp][] = [
  [
    "an event that does not exist stands where it is dispatched, and names those that do",
    `class Wrong extends Entity(postSchema, postReducer) {
  archive = mutation(this, (dispatch) => {
    dispatch(
      "post:archived", // wrong
      {},
    );
  });
}`,
    `Argument of type '"post:archived"' is not assignable to parameter of type '"post:created" | "post:approved"'.`,
  ],
  [
    "a body stands at the key that is wrong",
    `class Wrong extends Entity(postSchema, postReducer) {
  rename = mutation(this, (dispatch) => {
    dispatch("post:created", {
      title: 5, // wrong
    });
  });
}`,
    "Type 'number' is not assignable to type 'string'.",
  ],
  [
    "a key that a body does not have stands at that key",
    `class Wrong extends Entity(postSchema, postReducer) {
  rename = mutation(this, (dispatch) => {
    dispatch("post:created", {
      title: "x",
      colour: "red", // wrong
    });
  });
}`,
    "Object literal may only specify known properties, and 'colour' does not exist in type '{ title: string; }'.",
  ],
  [
    "the body of a new entity stands at the key that is wrong",
    `Post.create({
  body: {
    title: 5, // wrong
  },
});`,
    "Type 'number' is not assignable to type 'string'.",
  ],
  [
    "an unknown option of dispatch stands at that option",
    `class Wrong extends Entity(postSchema, postReducer) {
  rename = mutation(this, (dispatch) => {
    dispatch("post:created", { title: "x" }, {
      colour: "red", // wrong
    });
  });
}`,
    "Object literal may only specify known properties, and 'colour' does not exist in type 'DispatchOptions'.",
  ],
  [
    "a missing handler stands at the map that lacks it, and names the event",
    `defineReducer(
  postSchema,
  { // wrong
    "post:created": () => ({ title: "x", status: "draft" }),
  },
);`,
    /Property '"post:approved"' is missing in type/,
  ],
  [
    "a handler for no event stands at that handler",
    `defineReducer(postSchema, {
  "post:created": () => ({ title: "x", status: "draft" }),
  "post:approved": (state) => state,
  "post:archived": () => ({ title: "x", status: "draft" }), // wrong
});`,
    /is not assignable to type 'never'/,
  ],
  [
    "a handler's result stands at that handler",
    `defineReducer(postSchema, {
  "post:created": () => ({ title: "x", status: "draft" }),
  "post:approved": (state) => ({ ...state, status: "gone" }), // wrong
});`,
    `Type '"gone"' is not assignable to type '"approved" | "draft"'.`,
  ],
  [
    "a mutation of a readonly entity stands where it is called",
    `const then = await posts.findOneOrThrow({ entityId: "p1", version: 3 });
then.approve("LGTM"); // wrong`,
    "Property 'approve' does not exist on type 'ReadonlyEntity<Post>'.",
  ],
  [
    "a commit of a readonly entity stands at the entity",
    `const then = await posts.findOneOrThrow({ entityId: "p1", version: 3 });
await posts.commit(
  then, // wrong
);`,
    /'ReadonlyEntity<Post>'/,
  ],
  [
    "a typo in the initial event stands at its name, and names the events that there are",
    `defineSchema("post", {
  schema: zod({ event: { created: z.object({}), approved: z.object({}) }, state: z.object({}) }),
  initialEventName: "post:craeted", // wrong
});`,
    /"post:created" \| "post:approved"/,
  ],
];

describe("the one error about", () => {
  let programs: string[];
  // All at once: one program holds them all, and is built once.
  beforeAll(() => {
    programs = mistakes.map(([, program], index) => editor.open(`mistake-${index}.ts`, `${prelude}\n${program}\n`));
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
