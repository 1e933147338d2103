import { createRepository, defineEntity, type VentydError } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { z } from "ventyd/zod";
import { expect, test } from "vitest";

const Counter = defineEntity("counter", {
  state: z.object({ count: z.number() }),
  events: { started: z.object({}), counted: z.object({}) },
  initial: "started",
  reduce: {
    started: () => ({ count: "none" as never }),
    counted: (state) => {
      state.count = 1;
      return state;
    },
  },
  mutations: { add: ({ dispatch }) => dispatch("counted", {}) },
  checks: "warn",
});

test("what the checks of development find goes to the repository's onWarning, of created entities and of loaded ones", async () => {
  const heard: VentydError[] = [];
  const counters = createRepository(Counter, {
    adapter: createMemoryStore(),
    onWarning: (warning) => heard.push(warning),
  });
  await counters.create({ entityId: "c", body: {} });
  expect(heard.map(({ code }) => code)).toEqual(["invalid_state"]);
  await counters.mutate({ entityId: "c" }, (counter) => counter.add());
  expect(heard.map(({ code }) => code)).toContain("reducer_mutates");
});
