import { createRepository, EntityExistsError } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { upTo } from "../../src/testing/contract/events.ts";
import { Note, told } from "../repository/note.ts";

test("B1: of 200 racing for one id in memory one wins, and all others are told so", async () => {
  const store = createMemoryStore();
  const repositories = upTo(4).map(() => createRepository(Note, { adapter: store }));
  const outcomes = await Promise.allSettled(
    upTo(50).flatMap((n) =>
      repositories.map((notes, of) => notes.create({ entityId: "n", body: { text: `${n} of ${of}` } })),
    ),
  );
  const winners = outcomes.filter((outcome) => outcome.status === "fulfilled");
  expect(winners).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(EntityExistsError);
  }
  expect(await told(store, "n")).toEqual([winners[0]?.value.entity.state.text]);
});
