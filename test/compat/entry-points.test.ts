import * as ventyd from "ventyd";
import * as prisma from "ventyd/adapter/prisma";
import * as arktype from "ventyd/arktype";
import * as standard from "ventyd/standard";
import * as typebox from "ventyd/typebox";
import * as typebox0 from "ventyd/typebox0";
import * as valibot from "ventyd/valibot";
import * as zod from "ventyd/zod";
import { describe, expect, test } from "vitest";

describe("section 1: entry points of 1.20.4", () => {
  test("the main entry has its five names", () => {
    const { createRepository, defineReducer, defineSchema, Entity, mutation } = ventyd;
    for (const name of [createRepository, defineReducer, defineSchema, Entity, mutation]) {
      expect(name).toBeTypeOf("function");
    }
  });

  test("each provider has an entry of its own, with the library beside it", async () => {
    expect(standard).toMatchObject({ standard: expect.any(Function) });
    expect(valibot).toMatchObject({ valibot: expect.any(Function), v: { object: expect.any(Function) } });
    expect(zod).toMatchObject({ zod: expect.any(Function), z: { object: expect.any(Function) } });
    expect(arktype.arktype).toBeTypeOf("function");
    expect(arktype.type).toBe((await import("arktype")).type);
    expect(typebox.typebox).toBeTypeOf("function");
    expect(typebox.Type).toBe((await import("typebox")).Type);
    // The same name in the entry for the older TypeBox.
    expect(typebox0.typebox).toBeTypeOf("function");
    expect(typebox0.Type).toBe((await import("@sinclair/typebox")).Type);
    expect(valibot.v.string).toBe((await import("valibot")).string);
    expect(zod.z).toBe((await import("zod")).z);
  });

  test("the Prisma adapter is a named export, and no default one", () => {
    expect(prisma.prismaAdapter).toBeTypeOf("function");
    expect(prisma).not.toHaveProperty("default");
  });

  test("[T] suites can load the types through ../src/types", async () => {
    expect(await import("../../src/types.ts")).toBeTypeOf("object");
  });
});
