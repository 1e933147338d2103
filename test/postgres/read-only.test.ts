import { randomBytes } from "node:crypto";
import pg from "pg";
import { createPostgresStore } from "ventyd/postgres";
import { expect, onTestFinished, test } from "vitest";
import { commitOf, numbered, readAll, write } from "../../src/testing/contract/events.ts";
import { createPostgresDatabase } from "../support/servers.ts";

test("a role that may only read reads and follows the log, and waits for those who write where a position is not decided", async () => {
  const { url, drop } = await createPostgresDatabase();
  const pool = new pg.Pool({ connectionString: url });
  const role = `ventyd_reader_${randomBytes(4).toString("hex")}`;
  const readers = new pg.Pool({ connectionString: url, options: `-c role=${role}` });
  const store = createPostgresStore(pool);
  await store.migrate();
  await pool.query(
    `CREATE ROLE ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role}`,
  );
  onTestFinished(async () => {
    await store.close();
    await readers.end();
    await pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await pool.end();
    await drop();
  });
  // More than one look takes in: nobody writes down for him how far he has come.
  const count = 6_000;
  for (let n = 0; n < 12; n++) await write(store, commitOf(`t${n}`, 0, numbered(n * 500 + 1, (n + 1) * 500)));
  const reader = createPostgresStore(readers);
  expect(await readAll(reader)).toHaveLength(count);

  // A position that was drawn for nothing: to close it is for others to do.
  await pool.query("SELECT nextval('ventyd_positions')");
  const live = reader.subscribe({ after: count });
  const next = live.next();
  await write(store, commitOf("late", 0, ["late"]));
  expect(await readAll(reader)).toHaveLength(count);
  expect(await readAll(store)).toHaveLength(count + 1);
  expect((await next).value).toMatchObject({ eventId: "late", position: count + 2 });
  await live.return?.();
  await expect(reader.append([commitOf("mine", 0, ["mine"])])).rejects.toMatchObject({ code: "driver_error" });
  await reader.close();
});
