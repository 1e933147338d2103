import { createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { describe, expect, test } from "vitest";
import { Note } from "./note.ts";

const refusedAs = (message: string) =>
  expect.objectContaining({
    name: "ValidationError",
    code: "invalid_option",
    message: expect.stringContaining(message),
  });

describe("a repository is refused", () => {
  test("with a policy that names an event that there is not, and would guard nothing", () => {
    const over = (attribution: readonly string[]) => () =>
      createRepository(Note, { adapter: createMemoryStore(), attribution: attribution as "note:published"[] });
    for (const wrong of ["note:deleted", "published", "note.published", ""]) {
      expect(over(["note:published", wrong])).toThrow(refusedAs(`names "${wrong}"`));
    }
    expect(over(["note:deleted"])).toThrow(refusedAs("Give full names: note:created, note:edited"));
    for (const right of [[], ["note:published"], ["note:published", "note:edited"]]) expect(over(right)).not.toThrow();
  });

  test("with an adapter that is none", () => {
    const { getEventsByEntityId, commitEvents } = createMemoryStore();
    for (const adapter of [
      undefined,
      null,
      {},
      "file.db",
      () => createMemoryStore(),
      { getEventsByEntityId },
      { commitEvents },
      { getEventsByEntityId: "select", commitEvents },
    ]) {
      expect(() => createRepository(Note, { adapter: adapter as never })).toThrow(refusedAs("adapter is no store"));
    }
    expect(() => createRepository(Note, { adapter: { getEventsByEntityId, commitEvents } })).not.toThrow();
  });
});
