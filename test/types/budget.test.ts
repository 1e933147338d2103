import { beforeAll, describe, expect, test } from "vitest";
import {
  classOf100Mutations,
  definitionOf100Events,
  programOf100Events,
  programOf100Schemas,
  typeCost,
} from "../support/type-cost.ts";

const sources = {
  ventyd: "src/index.ts",
  "ventyd/zod": "src/validators/zod.ts",
  "ventyd/standard": "src/validators/standard.ts",
  "ventyd/valibot": "src/validators/valibot.ts",
  "ventyd/arktype": "src/validators/arktype.ts",
  "ventyd/typebox": "src/validators/typebox.ts",
  "ventyd/typebox0": "src/validators/typebox0.ts",
};

function instantiations(program: string): number {
  const cost = typeCost(program, sources).instantiations;
  expect(cost).toBeGreaterThan(1000);
  return cost;
}

describe.each(["zod", "standard", "valibot"] as const)("a schema of 100 event types with %s", (name) => {
  test("and a handler for each is checked with fewer than 100,000 instantiations", () => {
    expect(instantiations(programOf100Events(name))).toBeLessThan(100_000);
  });

  test("costs no more than that with a mutation for each, too", () => {
    expect(instantiations(programOf100Events(name) + classOf100Mutations())).toBeLessThan(100_000);
  });

  test("costs no more than that where defineEntity defines it, with a mutation for each that is called", () => {
    expect(instantiations(definitionOf100Events(name))).toBeLessThan(100_000);
  });
});

describe.each(["typebox", "typebox0"] as const)("a schema of 100 event types with %s", (name) => {
  test("and a handler for each is checked with fewer than 100,000 instantiations", () => {
    expect(instantiations(programOf100Events(name))).toBeLessThan(100_000);
  });
});

// These three take much for themselves: ArkType reads the text of every definition, TypeBox computes types with types. The 100 schemas
// alone are 65,000 to 200,000 instantiations.
describe.each(["arktype", "typebox", "typebox0"] as const)("beside what %s itself takes, 100 event types", (name) => {
  let bare: number;
  beforeAll(() => {
    bare = instantiations(programOf100Schemas(name));
  });

  test("and a handler for each cost fewer than 60,000 instantiations", () => {
    expect(instantiations(programOf100Events(name)) - bare).toBeLessThan(60_000);
  });

  test("cost fewer than 100,000 with a mutation for each, too", () => {
    expect(instantiations(programOf100Events(name) + classOf100Mutations()) - bare).toBeLessThan(100_000);
  });

  test("cost fewer than 100,000 where defineEntity defines it, with a mutation for each that is called", () => {
    expect(instantiations(definitionOf100Events(name)) - bare).toBeLessThan(100_000);
  });
});
