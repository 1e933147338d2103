import fc from "fast-check";
import { createRepository, defineReducer, defineSchema, Entity, type EventStore, mutation } from "ventyd";
import { z, zod } from "ventyd/zod";
import { describe, expect, test } from "vitest";
import { openMemoryStore, openStore, rejection } from "../support/temp-database.ts";
import { who } from "./note.ts";

/** An account whose deposits are at most so large; the rule of the first year was a million. */
function accountOf(largest: number) {
  const schema = defineSchema("account", {
    schema: zod({
      event: {
        opened: z.object({ owner: z.string() }),
        deposited: z.object({ amount: z.number().max(largest) }),
        // What is stored is what was given: a text of a time, of which only the reducer sees a date.
        checked: z.object({ on: z.coerce.date(), note: z.string().default("none") }),
      },
      state: z.object({ owner: z.string(), balance: z.number(), checkedIn: z.array(z.string()) }),
    }),
    initialEventName: "account:opened",
  });
  const reducer = defineReducer(schema, {
    "account:opened": (_, { body }) => ({ owner: body.owner, balance: 0, checkedIn: [] }),
    "account:deposited": (state, { body }) => ({ ...state, balance: state.balance + body.amount }),
    "account:checked": (state, { body }) => ({
      ...state,
      checkedIn: [...state.checkedIn, `${body.on.getUTCFullYear()} ${body.note}`],
    }),
  });
  return class Account extends Entity(schema, reducer) {
    deposit = mutation(this, (dispatch, amount: number) => dispatch("account:deposited", { amount }));
    check = mutation(this, (dispatch, on: string, note?: string) => dispatch("account:checked", { on, note }));
  };
}

const Account = accountOf(1_000_000);
const StrictAccount = accountOf(100);

/** An account with a deposit that the rule of today would refuse. */
async function openAccount() {
  const opened = await openStore();
  const accounts = createRepository(Account, { adapter: opened.store });
  await accounts.create({ entityId: "a", body: { owner: "ann" } });
  await accounts.mutate({ entityId: "a" }, (account) => account.deposit(5_000));
  const today = (loadValidation?: "always" | "write") =>
    createRepository(StrictAccount, { adapter: opened.store, ...(loadValidation && { loadValidation }) });
  return { ...opened, accounts, today };
}

const flags = async (store: EventStore) =>
  (await store.load({ entityName: "account", entityId: "a" })).map(({ bodyIsOutput }) => bodyIsOutput);

describe('with loadValidation: "write"', () => {
  test("a rule that was tightened later does not make old facts unreadable", async () => {
    const { today } = await openAccount();
    const accounts = today("write");
    expect((await accounts.findOneOrThrow({ entityId: "a" })).state.balance).toBe(5_000);
    expect((await accounts.findOneOrThrow({ entityId: "a", version: 2 })).state.balance).toBe(5_000);
    const preview = await accounts.preview({ entityId: "a" }, (account) => account.deposit(50));
    expect(preview).toMatchObject({ before: { balance: 5_000 }, after: { balance: 5_050 } });
    expect(await accounts.commit(preview)).toMatchObject({ version: 3 });
    expect(await accounts.mutate({ entityId: "a" }, (account) => account.deposit(50))).toMatchObject({ version: 4 });
  });

  test("nor does it make their history unreadable, or keep an entity from being rolled back", async () => {
    const { today } = await openAccount();
    const accounts = today("write");
    expect((await accounts.history({ entityId: "a" })).at(-1)?.after).toMatchObject({ balance: 5_000 });
    expect(await accounts.diff({ entityId: "a", from: 1, to: 2 })).toMatchObject([{ path: "/balance", value: 5_000 }]);
    await accounts.mutate({ entityId: "a" }, (account) => account.deposit(50));
    const preview = await accounts.previewRollback({ entityId: "a", toVersion: 2 });
    expect(preview).toMatchObject({ before: { balance: 5_050 }, after: { balance: 5_000 } });
    await accounts.rollback(preview, who);
    expect((await accounts.findOneOrThrow({ entityId: "a" })).state.balance).toBe(5_000);
  });

  test("new facts are held to the rule of today all the same", async () => {
    const { today, store } = await openAccount();
    const depositing = today("write").mutate({ entityId: "a" }, (account) => account.deposit(5_000));
    expect(await rejection(depositing)).toMatchObject({ code: "invalid_event" });
    expect(await flags(store)).toHaveLength(2);
  });

  test("bodies that were stored as they were given are still parsed", async () => {
    const { accounts, today, store } = await openAccount();
    await accounts.mutate({ entityId: "a" }, (account) => account.check("2024-05-01"));
    expect(await flags(store)).toEqual([true, true, false]);
    const account = await today("write").findOneOrThrow({ entityId: "a" });
    expect(account.state.checkedIn).toEqual(["2024 none"]);
  });

  test("bodies that were stored as they were given, and that fit no longer, are refused", async () => {
    const { store, today } = await openAccount();
    const event = { eventId: "x", eventName: "account:deposited", eventCreatedAt: "2026-01-01T00:00:00Z" };
    const events = [{ ...event, body: { amount: 5_000 }, metadata: {}, bodyIsOutput: false }];
    await store.append([{ entityName: "account", entityId: "a", expectedVersion: 2, events }]);
    expect(await rejection(today("write").findOne({ entityId: "a" }))).toMatchObject({
      code: "invalid_event",
      version: 3,
    });
  });

  test("a reducer that writes into a body changes nothing for the next load", async () => {
    const { store } = await openAccount();
    const schema = StrictAccount.schema;
    const writing = Entity(schema, (_state, event) => {
      const body = event.body as { amount?: number };
      body.amount = (body.amount ?? 0) + 1;
      return { owner: "", balance: body.amount, checkedIn: [] };
    });
    const accounts = createRepository(writing, { adapter: store, loadValidation: "write" });
    for (const _ of [1, 2]) expect((await accounts.findOneOrThrow({ entityId: "a" })).state.balance).toBe(5_001);
    const stored = await store.load({ entityName: "account", entityId: "a" });
    expect(stored[1]?.body).toEqual({ amount: 5_000 });
  });

  test("a load inside a transaction trusts as well", async () => {
    const { store, today } = await openAccount();
    const balance = await store.transaction(
      async () => (await today("write").findOneOrThrow({ entityId: "a" })).state.balance,
    );
    expect(balance).toBe(5_000);
  });
});

describe('with loadValidation: "always", the default,', () => {
  for (const option of [undefined, "always"] as const) {
    test(`what the schema of today refuses is refused, and named (${String(option)})`, async () => {
      const { today } = await openAccount();
      const accounts = today(option);
      const error = await rejection(accounts.findOne({ entityId: "a" }));
      expect(error).toMatchObject({
        code: "invalid_event",
        eventName: "account:deposited",
        entityId: "a",
        version: 2,
        issues: [{ path: ["body", "amount"] }],
        message: expect.stringContaining(
          'It is stored as version 2 of account "a". Mend the schema, read it with migrate, or load with loadValidation: "write".',
        ),
      });
      expect(await rejection(accounts.history({ entityId: "a" }))).toMatchObject({ code: "invalid_event" });
      expect((await accounts.findOneOrThrow({ entityId: "a", version: 1 })).state.balance).toBe(0);
    });
  }

  test("anything else is no option", async () => {
    const { store } = await openAccount();
    const make = () => createRepository(Account, { adapter: store, loadValidation: "never" as "write" });
    expect(make).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});

test("as long as the schema is the same, both ways give the same states and histories", async () => {
  const step = fc.oneof(
    fc.record({ amount: fc.double({ min: -1e6, max: 1e6, noNaN: true }) }),
    fc.record({
      on: fc.constantFrom("2020-01-01", "2021-06-01T10:00:00+09:00"),
      note: fc.option(fc.string(), { nil: undefined }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.array(step, { maxLength: 12 }), async (owner, steps) => {
      const { store } = await openMemoryStore();
      const [always, write] = (["always", "write"] as const).map((loadValidation) =>
        createRepository(Account, { adapter: store, loadValidation }),
      ) as [Repository, Repository];
      await always.create({ entityId: "a", body: { owner } });
      await always.mutate({ entityId: "a" }, (account) => {
        for (const given of steps) {
          if ("amount" in given) account.deposit(given.amount);
          else account.check(given.on, given.note);
        }
      });
      const asked = { entityId: "a" };
      expect((await write.findOneOrThrow(asked)).toJSON()).toEqual((await always.findOneOrThrow(asked)).toJSON());
      expect(await write.history(asked)).toEqual(await always.history(asked));
    }),
    { numRuns: 40 },
  );
});

type Repository = Awaited<ReturnType<typeof openAccount>>["accounts"];
