import { createRepository, ValidationError } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { describe, expect, test } from "vitest";
import * as arktype from "./arktype.ts";
import * as typebox from "./typebox.ts";
import * as typebox0 from "./typebox0.ts";
import * as valibot from "./valibot.ts";
import * as zod from "./zod.ts";
import * as zodMini from "./zod-mini.ts";

const classes = Object.entries({ zod, zodMini, valibot, arktype, typebox, typebox0 }).flatMap(
  ([name, { Ticket, TicketClass }]) =>
    [
      [`${name}, by defineEntity`, Ticket as typeof zod.Ticket],
      [`${name}, as a class`, TicketClass as unknown as typeof zod.Ticket],
    ] as const,
);

describe.each(classes)("a ticket declared with %s", (_, Ticket) => {
  test("fills in what is left out, and sees the day as a date before and after a reload", async () => {
    const tickets = createRepository(Ticket, { adapter: createMemoryStore() });
    const { entity } = await tickets.create({ entityId: "t1", body: { title: "Printer", due: "2026-05-01" } });
    const state = { title: "Printer", priority: "low", due: "2026-05-01T00:00:00.000Z", isOpen: true };
    expect(entity.state).toEqual(state);
    expect((await tickets.findOneOrThrow({ entityId: "t1" })).state).toEqual(state);
  });

  test("refuses a ticket without a title, and says where", () => {
    const create = () => Ticket.create({ body: { title: "", due: "2026-05-01" } });
    expect(create).toThrow(ValidationError);
    expect(create).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ path: ["body", "title"] })] }));
  });
});
