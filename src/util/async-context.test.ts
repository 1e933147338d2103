import { setImmediate } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { asyncContext } from "./async-context.ts";

describe("asyncContext", () => {
  test("carries a value across awaits, and nowhere else", async () => {
    const context = asyncContext<number>("test-a");
    const seen = await context?.run(1, async () => {
      await setImmediate();
      return context.getStore();
    });
    expect(seen).toBe(1);
    expect(context?.getStore()).toBeUndefined();
  });

  test("is one per name", () => {
    expect(asyncContext("test-a")).toBe(asyncContext("test-a"));
    expect(asyncContext("test-a")).not.toBe(asyncContext("test-b"));
  });

  test("is the same one in two installed copies of the package", async () => {
    const ours = asyncContext<number>("test-d");
    vi.resetModules();
    const copy = await import("./async-context.ts");
    expect(copy.asyncContext).not.toBe(asyncContext);
    expect(copy.asyncContext("test-d")).toBe(ours);
  });

  test("does not show up among the keys of globalThis", () => {
    const before = Reflect.ownKeys(globalThis).filter((key) =>
      Object.prototype.propertyIsEnumerable.call(globalThis, key),
    );
    asyncContext("test-e");
    const after = Reflect.ownKeys(globalThis).filter((key) =>
      Object.prototype.propertyIsEnumerable.call(globalThis, key),
    );
    expect(after).toEqual(before);
  });

  test.each([
    ["no process", undefined],
    ["a process that knows no getBuiltinModule", {}],
    ["a process that has no such module", { getBuiltinModule: () => undefined }],
  ])("is undefined where the runtime has none: %s", (_, process) => {
    vi.stubGlobal("process", process);
    const context = asyncContext("test-c");
    vi.unstubAllGlobals();
    expect(context).toBeUndefined();
  });
});
