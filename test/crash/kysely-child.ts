import { createRepository } from "ventyd";
import { Counter } from "./counter.ts";
import { openKysely } from "./open-kysely.ts";

// A process that joins a transaction of Kysely, and is gone, without another instruction, at the point that it is told.
const [driver, url, point] = process.argv.slice(2) as ["pg" | "mysql2", string, string];
const reached = (here: string) => {
  if (here === point) process.kill(process.pid, "SIGKILL");
};

const { db, store, fromKysely } = openKysely(driver, url);
const counters = createRepository(Counter, { adapter: store });
await db.transaction().execute(async (trx) => {
  const transaction = fromKysely(trx);
  await trx.insertInto("application").values({ text: point }).execute();
  reached("the application has written");
  const { entity } = await counters.create({ entityId: point, body: {} }, { transaction });
  reached("an entity is committed in it");
  entity.count(2);
  await counters.commit(entity, { transaction });
  reached("everything is written");
});
reached("it is acknowledged");
