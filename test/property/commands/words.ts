import { defineEntity } from "ventyd";
import { z } from "ventyd/zod";

/** A clock that moves when it is told to, in either direction. */
export class Clock {
  ms = Date.parse("2026-01-01T00:00:00Z");
  readonly now = () => new Date(this.ms);
}

/** The class under test. Its state is every word in its order: nothing that is left out, doubled or moved goes unnoticed. */
export function defineWords(clock: Clock) {
  return defineEntity("words", {
    state: z.object({ words: z.array(z.string()) }),
    events: { begun: z.object({ word: z.string() }), said: z.object({ word: z.string() }) },
    initial: "begun",
    reduce: {
      begun: (_, { body }) => ({ words: [body.word] }),
      said: (state, { body }) => ({ words: [...state.words, body.word] }),
    },
    mutations: {
      say({ dispatch }, words: readonly string[]) {
        for (const word of words) dispatch("said", { word });
      },
      sayDated: ({ dispatch }, word: string, eventCreatedAt: string) => dispatch("said", { word }, { eventCreatedAt }),
      sayAndThrow({ dispatch }, words: readonly string[]) {
        for (const word of words) dispatch("said", { word });
        throw new Error("thought better of it");
      },
      async sayLater({ dispatch }, words: readonly string[], rejects: boolean) {
        for (const word of words) {
          dispatch("said", { word });
          await null;
        }
        if (rejects) throw new Error("thought better of it");
      },
    },
    now: clock.now,
    checks: "throw",
  });
}

export type WordsClass = ReturnType<typeof defineWords>;
export type Words = InstanceType<WordsClass>;
