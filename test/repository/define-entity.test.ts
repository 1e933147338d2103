import * as v from "valibot";
import { createRepository, defineEntity, IrreversibleError, ReadonlyEntityError, ValidationError } from "ventyd";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openStore, rejection } from "../support/temp-database.ts";

/** The same invoice, in two libraries. */
const invoices = {
  Zod: defineEntity("invoice", {
    state: z.object({ total: z.number(), dueAt: z.string(), status: z.enum(["draft", "sent"]) }),
    events: {
      drafted: z.object({ dueAt: z.coerce.date() }),
      charged: z.object({ amount: z.number().default(1) }),
      sent: z.object({}),
    },
    initial: "drafted",
    reduce: {
      drafted: (_, { body }) => ({ total: 0, dueAt: body.dueAt.toISOString(), status: "draft" }),
      charged: (state, { body }) => ({ ...state, total: state.total + body.amount }),
      sent: (state) => ({ ...state, status: "sent" }),
    },
    mutations: {
      charge: ({ state, dispatch }, ...amounts: number[]) => {
        if (state.status === "sent") throw new Error("Sent already");
        for (const amount of amounts) dispatch("charged", { amount });
      },
      send: ({ dispatch }) => dispatch("sent", {}),
    },
    irreversible: ["sent"],
    metadata: z.object({ ip: z.string(), port: z.coerce.number().default(80) }),
  }),
  Valibot: defineEntity("invoice", {
    state: v.object({ total: v.number(), dueAt: v.string(), status: v.picklist(["draft", "sent"]) }),
    events: {
      drafted: v.object({ dueAt: v.pipe(v.string(), v.toDate()) }),
      charged: v.object({ amount: v.optional(v.number(), 1) }),
      sent: v.object({}),
    },
    initial: "drafted",
    reduce: {
      drafted: (_, { body }) => ({ total: 0, dueAt: body.dueAt.toISOString(), status: "draft" }),
      charged: (state, { body }) => ({ ...state, total: state.total + body.amount }),
      sent: (state) => ({ ...state, status: "sent" }),
    },
    mutations: {
      charge: ({ state, dispatch }, ...amounts: number[]) => {
        if (state.status === "sent") throw new Error("Sent already");
        for (const amount of amounts) dispatch("charged", { amount });
      },
      send: ({ dispatch }) => dispatch("sent", {}),
    },
    irreversible: ["sent"],
    metadata: v.object({ ip: v.string(), port: v.optional(v.number(), 80) }),
  }),
};

const who = { actor: "alice", reason: "because", metadata: { ip: "::1" } };

/** A repository over a SQLite file, and an invoice in it. */
async function openInvoices(library: keyof typeof invoices) {
  const Invoice = invoices[library] as (typeof invoices)["Zod"];
  const { store } = await openStore();
  const repository = createRepository(Invoice, { adapter: store });
  const { entity } = await repository.create({ body: { dueAt: "2026-01-31T00:00:00.000Z" }, entityId: "i1" }, who);
  return { Invoice, store, repository, entity };
}

describe.each(["Zod", "Valibot"] as const)("an entity defined in one place, with %s, on a SQLite file", (library) => {
  test("is stored under full names and comes back as it was", async () => {
    const { Invoice, store, repository, entity } = await openInvoices(library);
    expect(entity).toBeInstanceOf(Invoice);
    await repository.mutate({ entityId: "i1" }, (invoice) => invoice.charge(5, 7), who);

    const again = await createRepository(Invoice, { adapter: store }).findOneOrThrow({ entityId: "i1" });
    expect(again.state).toEqual({ total: 12, dueAt: "2026-01-31T00:00:00.000Z", status: "draft" });
    expect(again.version).toBe(3);
    const events = await store.load({ entityName: "invoice", entityId: "i1" });
    expect(events.map(({ eventName }) => eventName)).toEqual(["invoice:drafted", "invoice:charged", "invoice:charged"]);
  });

  test("changes nothing when a mutation fails, and cannot be changed as it was then", async () => {
    const { repository } = await openInvoices(library);
    await repository.mutate({ entityId: "i1" }, (invoice) => invoice.send(), who);
    const failure = rejection(repository.mutate({ entityId: "i1" }, (invoice) => invoice.charge(1), who));
    expect((await failure) as Error).toMatchObject({ message: "Sent already" });
    const then = await repository.findOneOrThrow({ entityId: "i1", version: 1 });
    expect(then.state.status).toBe("draft");
    expect(() => (then as never as { send(): void }).send()).toThrow(ReadonlyEntityError);
  });

  test("is rolled back, but not across what cannot be undone", async () => {
    const { repository } = await openInvoices(library);
    await repository.mutate({ entityId: "i1" }, (invoice) => invoice.charge(5), who);
    await repository.rollback({ entityId: "i1", toVersion: 1 }, who);
    expect((await repository.findOneOrThrow({ entityId: "i1" })).state.total).toBe(0);
    await repository.mutate({ entityId: "i1" }, (invoice) => invoice.send(), who);
    expect(await rejection(repository.rollback({ entityId: "i1", toVersion: 1 }, who))).toBeInstanceOf(
      IrreversibleError,
    );
  });

  test("asks its metadata's schema at the commit, and stores what that makes", async () => {
    const { repository } = await openInvoices(library);
    const [entry] = await repository.history({ entityId: "i1" });
    expect(entry?.event.metadata).toEqual({ actor: "alice", reason: "because", ip: "::1", port: 80 });

    const refused = repository.mutate({ entityId: "i1" }, (invoice) => invoice.send(), {
      actor: "alice",
      metadata: { ip: 5 as never },
    });
    const error = (await rejection(refused)) as ValidationError;
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ code: "invalid_metadata", eventName: "invoice:sent", entityId: "i1" });
    expect(error.issues.map(({ path }) => path)).toEqual([["metadata", "ip"]]);
    expect((await repository.findOneOrThrow({ entityId: "i1" })).version).toBe(1);
  });
});
