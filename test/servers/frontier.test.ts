import { describe, expect, test } from "vitest";
import { commitOf, readAll, write } from "../../src/testing/contract/events.ts";
import { openDatabase, servers } from "./servers.ts";

describe.each(servers)("$name", (server) => {
  /** Positions 1 to 6: written, dead, written, held by an append that is open, written. */
  async function openAppend() {
    const { store, connect } = await openDatabase(server);
    const begin = async () => {
      const session = await connect();
      await session.run("BEGIN");
      return session;
    };
    await write(store, commitOf("held", 0, ["e1"]));
    const aborted = await begin();
    await store.append([commitOf("dead", 0, ["e2"])], { transaction: aborted.client });
    await aborted.run("ROLLBACK");
    await write(store, commitOf("a", 0, ["e3"]));
    const holder = await begin();
    await store.append([commitOf("held", 1, ["e4"])], { transaction: holder.client });
    await write(store, commitOf("b", 0, ["e5"]));
    return { store, holder };
  }

  test("an append that is open hides what comes after it, and nothing before, also where positions before it are dead", async () => {
    const { store, holder } = await openAppend();
    expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["e1", "e3"]);
    await holder.run("COMMIT");
    expect((await readAll(store)).map(({ eventId }) => eventId)).toEqual(["e1", "e3", "e4", "e5"]);
  });

  test("an entity can be loaded as of a position that is decided, and of none after it", async () => {
    const { store, holder } = await openAppend();
    const [, decided] = await readAll(store);
    const stream = { entityName: "thing", entityId: "held" };
    expect(await store.load({ ...stream, position: decided?.position })).toHaveLength(1);
    const after = { ...stream, position: (decided?.position as number) + 2 };
    await expect(store.load(after)).rejects.toMatchObject({ code: "cursor_ahead", head: decided?.position });
    await expect(store.loadHistory(after)).rejects.toMatchObject({ code: "cursor_ahead" });
    await holder.run("COMMIT");
    expect(await store.load(after)).toHaveLength(2);
  });

  test("many unread events beside an append that is open keep neither readers nor writers waiting", async () => {
    const { store, holder } = await openAppend();
    for (let n = 0; n < 3; n++)
      await write(
        store,
        commitOf(
          `many${n}`,
          0,
          Array.from({ length: 100 }, (_, m) => `m${n}-${m}`),
        ),
      );
    await holder.run("ROLLBACK");
    const session = holder;
    await session.run("BEGIN");
    await store.append([commitOf("late", 0, ["late"])], { transaction: session.client });
    expect((await readAll(store)).length).toBe(303);
    await write(store, commitOf("free", 0, ["free"]));
    await store.append([commitOf("one", 0, ["one"]), commitOf("two", 0, ["two"])]);
    await session.run("COMMIT");
    expect((await readAll(store)).map(({ eventId }) => eventId).slice(-4)).toEqual(["late", "free", "one", "two"]);
  }, 20_000);

  test("entities that others hold keep no other entity waiting", async () => {
    const { store, connect } = await openDatabase(server);
    for (const id of ["x", "y", "z"]) await write(store, commitOf(id, 0, [`${id}1`]));
    const holder = await connect();
    await holder.run("BEGIN");
    for (const id of ["x", "y"]) await store.append([commitOf(id, 1, [`${id}2`])], { transaction: holder.client });
    const held = ["x", "y"].map((id) => store.append([commitOf(id, 2, [`${id}3`])]));
    const free = store.append([commitOf("z", 1, ["z2"])]);
    // What is held comes through when it is let go, and that is when the free one has come through.
    expect(await free).toMatchObject([{ status: "written" }]);
    await holder.run("COMMIT");
    expect((await Promise.all(held)).flat()).toMatchObject([{ status: "written" }, { status: "written" }]);
  });

  test("a store.transaction ends soon after its timeout, whatever its callback has running", async () => {
    const { store } = await openDatabase(server);
    const sleep = server.kind === "postgres" ? "SELECT pg_sleep(5)" : "SELECT sleep(5)";
    const begun = performance.now();
    const work = store.transaction(
      async ({ client }) => {
        await store.append([commitOf("a", 0, ["a1"])]);
        await (client as { query(sql: string): Promise<unknown> }).query(sleep).catch(() => {});
      },
      { timeout: 300 },
    );
    await expect(work).rejects.toMatchObject({ code: "transaction_timeout" });
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(await readAll(store)).toEqual([]);
  }, 20_000);
});
