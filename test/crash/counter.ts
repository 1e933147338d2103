import { defineEntity } from "ventyd";
import { z } from "ventyd/zod";

/** What the crashes of this folder interrupt. */
export const Counter = defineEntity("counter", {
  state: z.object({ count: z.number() }),
  events: { created: z.object({}), counted: z.object({}) },
  initial: "created",
  reduce: { created: () => ({ count: 0 }), counted: (state) => ({ count: state.count + 1 }) },
  mutations: {
    count({ dispatch }, times: number) {
      for (let time = 0; time < times; time++) dispatch("counted", {});
    },
  },
});
