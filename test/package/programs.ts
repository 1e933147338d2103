import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Bridge, bridges } from "./bridges.ts";

/** The life of an entity whose schema is declared with one library, as a user writes it. */
function lifeOf(bridge: Bridge): string {
  return `
import { createRepository, defineReducer, defineSchema, Entity, mutation, ValidationError } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
${bridge.imports}

declare const console: { log(line: string): void };

const note = ${bridge.note};
const noteSchema = defineSchema("note", { schema: ${bridge.schema}, initialEventName: "note:written" });
const noteReducer = defineReducer(noteSchema, {
  "note:written": (_, { body }) => body,
  "note:edited": (state, { body }) => ({ ...state, ...body }),
});

class Note extends Entity(noteSchema, noteReducer) {
  edit = mutation(this, (dispatch, text: string, tag?: string) => {
    if (tag === undefined) dispatch("note:edited", { text });
    else dispatch("note:edited", { text, tag });
    // @ts-expect-error the text is text
    const wrongText = () => dispatch("note:edited", { text: 5 });
    // @ts-expect-error there is no such event
    const wrongName = () => dispatch("note:gone", { text });
    return [wrongText, wrongName].length;
  });
}

async function main() {
  const notes = createRepository(Note, { adapter: createMemoryStore(), attribution: "required" });
  const alice = { actor: "alice", reason: "to try it" };
  await notes.create({ entityId: "1", body: { text: "hello" } }, alice);
  const { version } = await notes.mutate({ entityId: "1" }, (found) => found.edit("hello, world", "new"), alice);
  const found = await notes.findOneOrThrow({ entityId: "1" });
  const text: string = found.state.text;
  // @ts-expect-error it is text, and no number
  const number: number = found.state.text;
  // @ts-expect-error there may be none
  const tag: string = found.state.tag;
  const refused = await notes.create({ body: { text: 5 as never } }, alice).then(
    () => false,
    (error: unknown) => error instanceof ValidationError,
  );
  const [, edited] = await notes.history({ entityId: "1" });
  console.log(JSON.stringify([version, text, typeof number, tag, refused, edited?.event.metadata?.actor, edited?.changes]));
}

void main();
`;
}

/** What that prints, whichever the library. */
const lifePrints = [
  2,
  "hello, world",
  "string",
  "new",
  true,
  "alice",
  [
    { op: "add", path: "/tag", value: "new" },
    { op: "replace", path: "/text", value: "hello, world", previous: "hello" },
  ],
];

const folder = path.join(import.meta.dirname, "programs");
const written = readdirSync(folder).map((file) => [
  path.parse(file).name,
  readFileSync(path.join(folder, file), "utf8"),
]);
const made = Object.entries(bridges).map(([name, bridge]) => [name, lifeOf(bridge)]);

/** What users write with the entries of the package, by name; together they use every entry. */
export const programs: Readonly<Record<string, string>> = Object.fromEntries([...written, ...made]);

/** What each program prints, but for that of the contract, which prints a report. */
export const prints: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(Object.keys(bridges).map((name) => [name, lifePrints])),
  index: [4, 5, [["entity_not_found", true, false], ["invalid_event", false, true], "RangeError"]],
  immer: [{ items: ["a"] }, { items: ["a", "b"] }, ["c"]],
  memory: [
    ["counter:started", "counter:moved"],
    2,
    { count: 1 },
    [{ op: "replace", path: "/count", value: 11, previous: 1 }],
    "none",
  ],
  "node-sqlite": [{ pages: 2 }, true, 2],
  mysql: ["function", "unsupported", "invalid_option", true],
  orms: [[{ sql: "SELECT 1" }], [true, true, true, true, true, true], "function", "unsupported", "unsupported"],
  postgres: ["function", "unsupported", "invalid_option", true],
  prisma: [{ title: "Hello, world" }, "alice", [{ entityId: "1", title: "Hello, world" }], "object"],
  "query-builders": [[{ sql: "SELECT 1" }], [true, true, true, true, true], "function", "unsupported", "unsupported"],
  sqlite: [
    { text: "hello, world" },
    3,
    [
      [1, "alice", true],
      [2, "alice", true],
      [3, "alice", false],
      [4, "bob", true],
    ],
    [{ op: "replace", path: "/text", value: "hello, world", previous: "oops" }],
  ],
  testing: ["AssertionError", "entity-1", "2026-01-01T00:00:01.000Z", "function"],
};
