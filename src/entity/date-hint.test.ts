import { expect, test } from "vitest";
import { ValidationError } from "../errors/index.ts";
import { z } from "../validators/zod.ts";
import { defineEntity } from "./define-entity.ts";

test("a date that a schema refuses as text is named, with the cure", () => {
  const Meeting = defineEntity("meeting", {
    state: z.object({}),
    events: { planned: z.object({ from: z.object({ at: z.date() }) }) },
    initial: "planned",
    reduce: { planned: () => ({}) },
  });
  const plan = () => Meeting.create({ body: { from: { at: new Date(0) } } });
  expect(plan).toThrow(ValidationError);
  expect(plan).toThrow(/^Validation failed: "meeting:planned"/);
  expect(plan).toThrow("declare body.from.at so that it reads text, such as z.coerce.date()");
  expect(() => Meeting.create({ body: { from: { at: "soon" as never } } })).toThrow(/^(?![\s\S]*ISO text)/);
});
