import { createRepository } from "ventyd";
import { compareCallers } from "../callers.ts";
import { type Candidate, compareRates } from "../compare.ts";
import { amended, newEvent, Order, placed, who } from "../order.ts";
import type { Row } from "../row.ts";
import { inMemory, onPostgres, onSqlite, type Pair } from "./place.ts";

/** An entity gets so many events before the next one takes its place. */
const eventsPerEntity = 100;

const oneByOne = [onPostgres, onSqlite, inMemory].flatMap((kind): readonly Row[] => [
  {
    name: `${kind.name}: append of one event`,
    unit: "commits/s",
    goal: { atLeast: 1 },
    measure: (seconds) =>
      kind.with(1, (pair) => compareRates(turns(pair, appendOurs), turns(pair, appendTheirs), seconds)),
  },
  {
    name: `${kind.name}: append of one event, ours through repository.commit (informative)`,
    unit: "commits/s",
    measure: (seconds) =>
      kind.with(1, (pair) => compareRates(turns(pair, commitOurs), turns(pair, appendTheirs), seconds)),
  },
]);

export const appendRows: readonly Row[] = [
  ...oneByOne,
  {
    name: `${onPostgres.name}: append of one event, 16 callers`,
    unit: "commits/s",
    goal: { atLeast: 1 },
    measure: (seconds) =>
      onPostgres.with(16, (pair) => compareCallers(16, turns(pair, appendOurs), turns(pair, appendTheirs), seconds)),
  },
];

/** Events of one entity, one after another. */
type AppendToOne = (times: number) => Promise<void>;

function turns(pair: Pair, appendBy: (pair: Pair) => AppendToOne): Candidate {
  return async (times) => {
    const appendToOne = appendBy((await pair.fresh?.()) ?? pair);
    for (let left = times; left > 0; left -= eventsPerEntity) await appendToOne(Math.min(left, eventsPerEntity));
  };
}

function appendOurs({ store }: Pair): AppendToOne {
  return async (times) => {
    const entityId = crypto.randomUUID();
    for (let expectedVersion = 0; expectedVersion < times; expectedVersion++)
      await store.append([{ entityName: "order", entityId, expectedVersion, events: [newEvent()] }]);
  };
}

function commitOurs({ store }: Pair): AppendToOne {
  const orders = createRepository(Order, { adapter: store });
  return async (times) => {
    const order = Order.create({ body: placed });
    await orders.commit(order, who);
    for (let n = 1; n < times; n++) {
      order.amend(amended);
      await orders.commit(order, who);
    }
  };
}

function appendTheirs({ peer }: Pair): AppendToOne {
  return async (times) => {
    const entityId = crypto.randomUUID();
    await peer.append(entityId, 0, [{ name: "order:placed", body: placed, metadata: who }]);
    for (let version = 1; version < times; version++)
      await peer.append(entityId, version, [{ name: "order:amended", body: amended, metadata: who }]);
  };
}
