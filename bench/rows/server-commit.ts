import { createRepository } from "ventyd";
import { compareCallers } from "../callers.ts";
import { compareRates } from "../compare.ts";
import { mysql } from "../mysql-database.ts";
import { amended, newEvent, Order, placed, who } from "../order.ts";
import { postgres } from "../postgres-database.ts";
import type { Row } from "../row.ts";
import { rawValues, type ServerDatabase } from "../server-database.ts";

const kinds = [
  { kind: postgres, goals: { 1: 0.75, 16: 2, 64: 3 } },
  { kind: mysql, goals: { 1: 0.6, 16: 2, 64: undefined } },
] as const;

export const serverCommitRows = kinds.flatMap(({ kind, goals }): readonly Row[] => [
  {
    name: `${kind.name}: one commit of one event`,
    unit: "commits/s",
    goal: { atLeast: goals[1] },
    measure: (seconds) => kind.with(1, (database) => compareRates(commits(database), inserts(database), seconds)),
  },
  {
    name: `${kind.name}: one commit of one event, through repository.commit (informative)`,
    unit: "commits/s",
    measure: (seconds) =>
      kind.with(1, (database) => {
        const orders = createRepository(Order, { adapter: database.store });
        return compareRates(
          async (times) => {
            const order = Order.create({ body: placed });
            await orders.commit(order, who);
            for (let n = 1; n < times; n++) {
              order.amend(amended);
              await orders.commit(order, who);
            }
          },
          inserts(database),
          seconds,
        );
      }),
  },
  ...([16, 64] as const).map((callers): Row => {
    const goal = goals[callers];
    return {
      name: `${kind.name}: ${callers} callers${goal === undefined ? " (informative)" : ""}`,
      unit: "commits/s",
      ...(goal !== undefined && { goal: { atLeast: goal } }),
      measure: (seconds) =>
        kind.with(callers, (database) => compareCallers(callers, commits(database), inserts(database), seconds)),
    };
  }),
]);

/** Commits of one caller, one after another, to an entity of his own. */
function commits({ store }: ServerDatabase) {
  return async (times: number) => {
    const entityId = crypto.randomUUID();
    for (let expectedVersion = 0; expectedVersion < times; expectedVersion++)
      await store.append([{ entityName: "order", entityId, expectedVersion, events: [newEvent()] }]);
  };
}

/** The same with the driver alone; nothing is looked at before. */
function inserts({ insert }: ServerDatabase) {
  return async (times: number) => {
    const entityId = crypto.randomUUID();
    for (let version = 1; version <= times; version++) await insert(rawValues(entityId, version, newEvent()));
  };
}
