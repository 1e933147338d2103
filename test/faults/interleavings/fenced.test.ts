import { expect, test } from "vitest";
import { commitOf, readAll } from "../../../src/testing/contract/events.ts";
import { openDatabase, type Server, servers } from "../../servers/servers.ts";
import { someoneWaits } from "./race.ts";

const postgres = servers[0] as Server;

// On MariaDB a trigger runs before the position is drawn; test/mysql/store.test.ts has a fenced writer there.
test("PostgreSQL: a writer who is paused between drawing a position and inserting it is fenced, draws another, and again, and is not lost", async () => {
  const database = await openDatabase(postgres);
  const { store, connect, run } = database;
  const other = await database.open();
  await other.append([commitOf("a", 0, ["a1"])]);
  // Defaults are computed before triggers run: there, the position is drawn and nobody can see that.
  await run(`CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.event_id = 'paused' THEN PERFORM pg_advisory_xact_lock(1, NEW.position::int); END IF; RETURN NEW; END $$`);
  await run("CREATE TRIGGER pause BEFORE INSERT ON ventyd_log FOR EACH ROW EXECUTE FUNCTION pause()");
  const holder = await connect();
  const next = async () => Number((await run("SELECT last_value FROM ventyd_positions"))[0]?.last_value) + 1;
  const isFenced = async (position: number) => {
    const rows = await run(`SELECT 1 FROM ventyd_log WHERE position = ${position} AND entity_name = ''`);
    return rows.length === 1;
  };

  // Whichever position it draws, it waits there.
  const drawn = await next();
  for (let position = drawn; position < drawn + 20; position++)
    await holder.run(`SELECT pg_advisory_lock(1, ${position})`);
  const append = store.append([commitOf("t", 0, ["paused", "after"])]);
  for (let round = 0; round < 3; round++) {
    await someoneWaits(postgres, database);
    const waitsAt = (await next()) - 1;
    await other.append([commitOf(`over${round}`, 0, [`over${round}`])]);
    expect((await readAll(other)).at(-1)?.eventId).toBe(`over${round}`);
    expect(await isFenced(waitsAt)).toBe(true);
    await holder.run(`SELECT pg_advisory_unlock(1, ${waitsAt})`);
    await expect.poll(async () => (await next()) - 1, { interval: 10 }).toBeGreaterThan(waitsAt + 1);
  }
  await holder.run("SELECT pg_advisory_unlock_all()");
  expect(await append).toMatchObject([{ status: "written", version: 2 }]);
  const log = await readAll(other);
  expect(log.map(({ eventId }) => eventId)).toEqual(["a1", "over0", "over1", "over2", "paused", "after"]);
});
