import { DatabaseSync } from "node:sqlite";
import { createRepository, defineEntity } from "ventyd";
import { createSqliteStore, type SqliteStore } from "ventyd/sqlite";
import * as v from "valibot";

const Visit = defineEntity("visit", {
  state: v.object({ pages: v.number() }),
  events: { started: v.object({}), turned: v.object({ page: v.string() }) },
  initial: "started",
  reduce: { started: () => ({ pages: 1 }), turned: ({ pages }) => ({ pages: pages + 1 }) },
  mutations: { turn: ({ dispatch }, page: string) => dispatch("turned", { page }) },
});

async function main() {
  const store: SqliteStore<DatabaseSync> = createSqliteStore(new DatabaseSync(":memory:"));
  await store.migrate();
  const visits = createRepository(Visit, { adapter: store });
  await visits.create({ entityId: "1", body: {} });
  const isOpen = await store.transaction(async ({ client }) => {
    await visits.mutate({ entityId: "1" }, (visit) => visit.turn("home"));
    // @ts-expect-error the client is the driver's own, and has no such method
    client.nothing;
    return client.isTransaction;
  });
  const visit = await visits.findOneOrThrow({ entityId: "1" });
  const [summary] = await store.entities({ entityName: "visit" });
  console.log(JSON.stringify([visit.state, isOpen, summary?.version]));
  await store.close();
}

void main();
