import { ConcurrencyError, createRepository, type EventStore } from "ventyd";
import { describe, expect, test } from "vitest";
import { Note } from "./note.ts";
import { openDatabase, servers } from "./servers.ts";

/** Lets two transactions, each of which has changed one of two notes, change the other one, too. */
async function crossed(store: EventStore, afterwards: (error: unknown) => void) {
  const notes = createRepository(Note, { adapter: store });
  for (const entityId of ["a", "b"]) await notes.create({ entityId, body: { text: "" } });
  let arrived = 0;
  let open = () => {};
  const both = new Promise<void>((resolve) => {
    open = resolve;
  });
  const change = async (first: string, second: string) => {
    await notes.mutate({ entityId: first }, (note) => note.change(`${first} first`));
    if (++arrived === 2) open();
    await both;
    await notes.mutate({ entityId: second }, (note) => note.change(`${first} first`)).catch(afterwards);
  };
  const outcomes = await Promise.allSettled([
    store.transaction(() => change("a", "b")),
    store.transaction(() => change("b", "a")),
  ]);
  return { notes, outcomes };
}

describe.each(servers)("$name", (server) => {
  test("a commit in a transaction that the database gave up is a ConcurrencyError that says so", async () => {
    const { outcomes } = await crossed((await openDatabase(server)).store, (error) => {
      throw error;
    });
    const refused = outcomes.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(1);
    const { reason } = refused[0] as PromiseRejectedResult;
    expect(reason).toBeInstanceOf(ConcurrencyError);
    expect(reason).toMatchObject({ inTransaction: true, transactionAborted: true, retryable: true });
    expect(reason.message).toMatch(/given up its transaction\. Abort the transaction and run all of it again\.$/);
  });

  test("a transaction that the database gave up never commits, also where its callback has swallowed the error", async () => {
    const { notes, outcomes } = await crossed((await openDatabase(server)).store, () => {});
    const refused = outcomes.filter(({ status }) => status === "rejected");
    expect(refused).toEqual([
      { status: "rejected", reason: expect.objectContaining({ code: "transaction_aborted", retryable: true }) },
    ]);
    const texts = (await notes.findMany({ entityIds: ["a", "b"] })).map((note) => note?.state.text);
    expect(texts).toEqual([texts[0], texts[0]]);
    expect(texts[0]).toMatch(/first$/);
  });
});
