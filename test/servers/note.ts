import { defineEntity } from "ventyd";
import { z } from "zod";

export const Note = defineEntity("note", {
  state: z.object({ text: z.string() }),
  events: { written: z.object({ text: z.string() }), changed: z.object({ text: z.string() }) },
  initial: "written",
  reduce: { written: (_, { body }) => body, changed: (_, { body }) => body },
  mutations: { change: ({ dispatch }, text: string) => dispatch("changed", { text }) },
});
