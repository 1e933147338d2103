import { describe, expect, test } from "vitest";
import { commitOf, take, write } from "../../src/testing/contract/events.ts";
import { openStore } from "../faults/stores.ts";
import { openDatabase, type Server, servers, type Session } from "./servers.ts";

async function pidOf({ run }: Session, { kind }: Server): Promise<number> {
  const [row] = await run(`SELECT ${kind === "mysql" ? "CONNECTION_ID()" : "pg_backend_pid()"} AS pid`);
  return Number(row?.pid);
}

describe.each(servers)("$name", (server) => {
  test("an append that is open holds readers up, and status names who holds it; a transaction that is nobody's business is not named", async () => {
    const { store, connect, open } = await openDatabase(server);
    const stranger = await connect();
    await stranger.run("CREATE TABLE orders (id int PRIMARY KEY)");
    await stranger.run("BEGIN");
    await stranger.run("INSERT INTO orders VALUES (1)");
    await write(store, commitOf("a", 0, ["a1"]));
    expect(await store.status()).toMatchObject({ frontier: 1, heldBy: undefined });

    const [first, second] = [await connect(), await connect()];
    for (const session of [second, first]) await session.run("BEGIN");
    await store.append([commitOf("b", 0, ["b1"])], { transaction: first.client });
    // The last position, which nobody waits behind as yet.
    expect((await store.status()).heldBy?.pid).toBe(await pidOf(first, server));
    // Its transaction is older, but its position comes later.
    await store.append([commitOf("c", 0, ["c1"])], { transaction: second.client });
    await write(store, commitOf("d", 0, ["d1"]));
    const tailer = (await open()).subscribe({ after: 1 });
    const next = take(tailer, 1);

    const { frontier, heldBy, schemaVersion } = await store.status();
    expect({ frontier, schemaVersion }).toEqual({ frontier: 1, schemaVersion: 1 });
    expect(heldBy?.pid).toBe(await pidOf(first, server));
    expect(heldBy?.ageMs).toBeGreaterThanOrEqual(0);
    expect(heldBy?.ageMs).toBeLessThan(60_000);
    if (server.kind === "postgres") expect(heldBy?.query).toBe("SELECT pg_backend_pid() AS pid");

    await first.run("COMMIT");
    expect((await next).map(({ eventId }) => eventId)).toEqual(["b1"]);
    expect(await store.status()).toMatchObject({ frontier: 2, heldBy: { pid: await pidOf(second, server) } });
    await second.run("ROLLBACK");
    expect((await take(tailer, 1)).map(({ eventId }) => eventId)).toEqual(["d1"]);
    expect(await store.status()).toMatchObject({ frontier: 4, heldBy: undefined });
    await tailer.return?.();
    await stranger.run("ROLLBACK");
  });

  test("a role that may not look at others' transactions is told the rest of the status", async () => {
    const { store, connect, run, url } = await openDatabase(server);
    await write(store, commitOf("a", 0, ["a1"]));
    const holder = await connect();
    await holder.run("BEGIN");
    await store.append([commitOf("b", 0, ["b1"])], { transaction: holder.client });
    await write(store, commitOf("c", 0, ["c1"]));

    const own = new URL(url);
    const database = own.pathname.slice(1);
    [own.username, own.password] = [`${database}_reader`, "secret"];
    const role = server.kind === "postgres" ? own.username : `${own.username}@'%'`;
    const statements = {
      postgres: [
        `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`,
        `GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`,
        `GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${role}`,
      ],
      mysql: [
        `CREATE USER ${role} IDENTIFIED BY 'secret'`,
        `GRANT SELECT, INSERT, UPDATE, EXECUTE ON ${database}.* TO ${role}`,
      ],
    };
    for (const sql of statements[server.kind]) await run(sql);
    const other = await openStore(server.kind, own.href);
    const status = await other.store.status();
    await other.close();
    expect(status).toMatchObject({ frontier: 1, schemaVersion: 1, durability: { survives: "power_loss" } });
    // Who it is, PostgreSQL tells everybody.
    const pid = await pidOf(holder, server);
    expect(status.heldBy).toEqual(server.kind === "postgres" ? { pid, ageMs: undefined, query: undefined } : undefined);
    await holder.run("ROLLBACK");
    if (server.kind === "postgres") await run(`DROP OWNED BY ${role}`);
    await run(`DROP ${server.kind === "postgres" ? "ROLE" : "USER"} ${role}`);
  });
});
