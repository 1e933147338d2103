import { defineEntity } from "../../entity/define-entity.ts";
import type { StandardSchemaV1 } from "../../schema/standard-schema.ts";

/** A schema without a library: an object whose members have these types. */
function object<T extends object>(
  members: { readonly [K in keyof T]: (value: unknown) => boolean },
): StandardSchemaV1<T> {
  const names = Object.keys(members) as (keyof T & string)[];
  return {
    "~standard": {
      version: 1,
      vendor: "ventyd-testing",
      validate(value) {
        const given = (value ?? {}) as { readonly [name: string]: unknown };
        const wrong = names.filter((name) => !members[name](given[name]));
        if (wrong.length > 0) return { issues: wrong.map((name) => ({ message: "Of another type", path: [name] })) };
        return { value: Object.fromEntries(names.map((name) => [name, given[name]])) as T };
      },
    },
  };
}

const text = (value: unknown) => typeof value === "string";
const number = (value: unknown) => typeof value === "number";
const texts = (value: unknown) => Array.isArray(value) && value.every(text);

/** What the cases store through a repository. */
export const Thing = defineEntity("thing", {
  state: object<{ text: string; tags: string[] }>({ text, tags: texts }),
  events: {
    made: object<{ text: string }>({ text }),
    renamed: object<{ text: string }>({ text }),
    tagged: object<{ tag: string }>({ tag: text }),
  },
  initial: "made",
  reduce: {
    made: (_, { body }) => ({ text: body.text, tags: [] }),
    renamed: (state, { body }) => ({ ...state, text: body.text }),
    tagged: (state, { body }) => ({ ...state, tags: [...state.tags, body.tag] }),
  },
  mutations: {
    rename: ({ dispatch }, to: string) => dispatch("renamed", { text: to }),
    tag: ({ dispatch }, tag: string) => dispatch("tagged", { tag }),
  },
});

/** An entity of another class. */
export const Gadget = defineEntity("gadget", {
  state: object<{ count: number }>({ count: number }),
  events: { built: object<{ count: number }>({ count: number }), used: object<{ times: number }>({ times: number }) },
  initial: "built",
  reduce: {
    built: (_, { body }) => ({ count: body.count }),
    used: (state, { body }) => ({ count: state.count + body.times }),
  },
  mutations: { use: ({ dispatch }, times: number) => dispatch("used", { times }) },
});
