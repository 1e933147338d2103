import { describe, expect, test } from "vitest";
import { commitOf, readAll } from "../../../src/testing/contract/events.ts";
import { openDatabase, servers } from "../../servers/servers.ts";
import { deferred } from "../../support/promises.ts";

describe.each(servers)("$name: an append that has joined store.transaction,", (server) => {
  test("and still waits for its entity when the time of the transaction is over, writes nothing, not even later", async () => {
    const { store, connect } = await openDatabase(server);
    await store.append([commitOf("t", 0, ["e1"])]);
    const other = await connect();
    await other.run("START TRANSACTION");
    await other.run("SELECT * FROM ventyd_entities WHERE entity_id = 't' FOR UPDATE");
    const refused = deferred<unknown>();
    const transaction = store.transaction(
      async () => {
        // It waits in the database, and goes on when that has let it in, and the transaction is long over.
        const append = store.append([commitOf("t", 1, ["e2"]), commitOf("u", 0, ["u1"])]);
        append.then(refused.resolve, refused.resolve);
        await append;
      },
      { timeout: 200 },
    );
    const told = transaction.catch((error) => error);
    const waiting = new Promise((resolve) => setTimeout(resolve, 400, "it waits"));
    expect(await Promise.race([told, waiting])).toBe("it waits");
    await other.run("ROLLBACK");
    expect(await told).toMatchObject({ code: "transaction_timeout" });
    expect(await refused.promise).toMatchObject({ code: "transaction_ended" });
    expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["e1"]);
    // Both entities are as they were.
    const rows = await store.append([commitOf("t", 1, ["e3"]), commitOf("u", 0, ["u2"])]);
    expect(rows.map(({ status }) => status)).toEqual(["written", "written"]);
  });

  test("and that nobody awaits, is whole before COMMIT, or refused", async () => {
    const { store } = await openDatabase(server);
    const outcomes: Promise<string>[] = [];
    for (let n = 0; n < 20; n++) {
      await store.transaction(async () => {
        const append = store.append([
          commitOf(
            `t${n}`,
            0,
            ["a", "b", "c"].map((end) => `${n}${end}`),
          ),
          commitOf(`u${n}`, 0, [`${n}u`]),
        ]);
        outcomes.push(
          append.then(
            () => "written",
            ({ code }) => code,
          ),
        );
        // As many statements of it as may be are on their way.
        for (let ticks = 0; ticks < n; ticks++) await new Promise((resolve) => setImmediate(resolve));
      });
    }
    const answers = await Promise.all(outcomes);
    const stored = Map.groupBy(await readAll(store), ({ eventId }) => Number.parseInt(eventId, 10));
    expect(answers.map((_, n) => stored.get(n)?.length ?? 0)).toEqual(
      answers.map((answer) => (answer === "written" ? 4 : 0)),
    );
    for (const answer of answers) expect(["written", "transaction_ended"]).toContain(answer);
  });
});
