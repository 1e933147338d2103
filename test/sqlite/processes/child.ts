import { writeSync } from "node:fs";
import Database from "better-sqlite3";
import { createRepository, defineReducer, defineSchema, Entity, mutation } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z, zod } from "ventyd/zod";

// What the processes of `processes.test.ts` do. Each line on stdout is a fact: it is written after the acknowledgement.
const [task, file, name, milliseconds] = process.argv.slice(2) as [string, string, string, string];

const schema = defineSchema("counter", {
  schema: zod({
    event: { created: z.object({}), counted: z.object({ by: z.string() }) },
    state: z.object({ count: z.number() }),
  }),
  initialEventName: "counter:created",
});
const reducer = defineReducer(schema, {
  "counter:created": () => ({ count: 0 }),
  "counter:counted": (state) => ({ count: state.count + 1 }),
});
class Counter extends Entity(schema, reducer) {
  count = mutation(this, (dispatch, by: string) => dispatch("counter:counted", { by }));
}

const say = (fact: object) => writeSync(1, `${JSON.stringify(fact)}\n`);

const database = new Database(file);
const store = createSqliteStore(database);
const counters = createRepository(Counter, { adapter: store });

switch (task) {
  case "migrate": {
    say({ ready: true });
    await new Promise((resolve) => process.stdin.once("data", resolve));
    await store.migrate();
    await store.migrate();
    const { version } = await counters.create({ entityId: name, body: {} });
    say({ migrated: (await store.status()).schemaVersion, version });
    break;
  }
  case "count": {
    say({ ready: true });
    await new Promise((resolve) => process.stdin.once("data", resolve));
    const end = performance.now() + Number(milliseconds);
    const { entity: own } = await counters.create({ entityId: `own-${name}`, body: {} });
    while (performance.now() < end) {
      own.count(name);
      const committed = await counters.commit(own);
      say({ id: committed.events[0]?.eventId, entity: own.entityId, version: committed.version });
    }
    for (let n = 0; n < 5; n++) {
      const shared = await counters.mutate({ entityId: "shared" }, (it) => it.count(name), { retries: 1_000 });
      say({ id: shared.events[0]?.eventId, entity: "shared", version: shared.version });
    }
    break;
  }
  case "pairs": {
    for (let n = 1; ; n++) {
      const pair = ["left", "right"].map((side) => Counter.create({ entityId: `${side}-${name}-${n}`, body: {} }));
      for (const { events } of await counters.commit(pair)) say({ id: events[0]?.eventId });
      await store.transaction(async () => {
        for (const counter of pair) {
          counter.count(name);
          await counters.commit(counter);
        }
      });
      for (const counter of pair) say({ done: counter.entityId, version: counter.version });
    }
  }
}
process.stdin.destroy();
await store.close();
database.close();
