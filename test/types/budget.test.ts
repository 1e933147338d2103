import { describe, expect, test } from "vitest";
import { classOf100Mutations, definitionOf100Events, programOf100Events, typeCost } from "../support/type-cost.ts";

const sources = {
  ventyd: "src/index.ts",
  "ventyd/zod": "src/validators/zod.ts",
  "ventyd/valibot": "src/validators/valibot.ts",
};

describe.each(["zod", "valibot"] as const)("a schema of 100 event types with %s", (name) => {
  test("and a handler for each is checked with fewer than 100,000 instantiations", () => {
    const { instantiations } = typeCost(programOf100Events(name), sources);
    expect(instantiations).toBeGreaterThan(1000);
    expect(instantiations).toBeLessThan(100_000);
  });

  test("costs no more than that with a mutation for each, too", () => {
    const { instantiations } = typeCost(programOf100Events(name) + classOf100Mutations(), sources);
    expect(instantiations).toBeGreaterThan(1000);
    expect(instantiations).toBeLessThan(100_000);
  });

  test("costs no more than that where defineEntity defines it, with a mutation for each that is called", () => {
    const { instantiations } = typeCost(definitionOf100Events(name), sources);
    expect(instantiations).toBeGreaterThan(1000);
    expect(instantiations).toBeLessThan(100_000);
  });
});
