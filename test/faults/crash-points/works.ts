import type { EventStore, StoredEvent } from "ventyd";
import { commitOf, readAll } from "../../../src/testing/contract/events.ts";
import type { Ground } from "./ground.ts";

/** Something that a store does in several statements; `id` is of this time only. */
export interface Work {
  readonly title: string;
  /** What must be there before. */
  prepare?(store: EventStore, id: string): Promise<unknown>;
  /** Can be done again, by another process, and comes to the same then. */
  run(store: EventStore, id: string, ground: Ground): Promise<unknown>;
  /** All that it came to. */
  look(store: EventStore, id: string, ground: Ground): Promise<unknown>;
  /** True where a broken connection is the caller's to see: what he did in the transaction cannot be done again for him. */
  readonly isTold?: boolean;
}

const who = { actor: "alice", reason: "to be forgotten" };
const told = (events: readonly StoredEvent[]) =>
  events.map(
    ({ eventId, entityId, version, eventName, body }) =>
      `${entityId} ${version} ${eventId} ${eventName} ${JSON.stringify(body)}`,
  );
const historyOf = async (store: EventStore, id: string) =>
  told(await store.loadHistory({ entityName: "thing", entityId: id }));
const old = (store: EventStore, id: string) => store.append([commitOf(id, 0, [`${id}-old`])]);

/** Where a look begins: one from the start would be over more statements each time. */
const starts = new Map<string, number>();

export const works: readonly Work[] = [
  {
    title: "an append of one event",
    prepare: old,
    run: (store, id) => store.append([commitOf(id, 1, [`${id}-2`])]),
    look: historyOf,
  },
  {
    title: "an append of two entities, one of them new, with three events each",
    prepare: old,
    run: (store, id) =>
      store.append([
        commitOf(id, 1, [`${id}-2`, `${id}-3`, `${id}-4`]),
        commitOf(`${id}-new`, 0, [`${id}-n1`, `${id}-n2`, `${id}-n3`]),
      ]),
    look: async (store, id) => [await historyOf(store, id), await historyOf(store, `${id}-new`)],
  },
  {
    title: "an append that does not say which version it stands on, under an idempotency key",
    prepare: old,
    run: (store, id) => store.append([commitOf(id, "any", [`${id}-2`], { idempotencyKey: "once" })]),
    look: historyOf,
  },
  {
    title: "an erasure",
    prepare: old,
    run: (store, id) => store.erase({ entityName: "thing", entityId: id }, who),
    // The id of the last event is a new one each time.
    look: async (store, id) =>
      (await store.loadHistory({ entityName: "thing", entityId: id })).map(({ version, eventName, body }) => [
        version,
        eventName,
        body,
      ]),
  },
  {
    title: "an import",
    run: (store, id) => {
      const event = {
        eventName: "thing:happened",
        eventCreatedAt: "2024-01-01T00:00:00Z",
        entityName: "thing",
        body: {},
      };
      return store.import(["a", "b", "c"].map((end) => ({ ...event, eventId: `${id}-${end}`, entityId: id })));
    },
    look: historyOf,
  },
  {
    title: "a snapshot",
    prepare: old,
    run: (store, id) =>
      store.saveSnapshot({ entityName: "thing", entityId: id, version: 1, eventId: `${id}-old`, state: { id } }),
    look: (store, id) => store.getSnapshot({ entityName: "thing", entityId: id }),
  },
  {
    title: "a transaction with rows of the application",
    isTold: true,
    prepare: old,
    run: (store, id, ground) =>
      store.transaction(async ({ client }) => {
        await ground.run(`DELETE FROM application WHERE id = '${id}'`, client as object);
        await ground.run(`INSERT INTO application VALUES ('${id}')`, client as object);
        await store.append([commitOf(id, 1, [`${id}-2`])]);
      }),
    look: historyOf,
  },
  {
    title: "a look that goes past a hundred events, and a position that was drawn for nothing",
    async prepare(store, id) {
      const aborted = new Error("aborted");
      const nothing = store.transaction(async () => {
        await store.append([commitOf(`${id}-none`, 0, [`${id}-none`])]);
        throw aborted;
      });
      await nothing.catch((error) => {
        if (error !== aborted) throw error;
      });
      for await (const { position } of store.read({ order: "desc", limit: 1 })) starts.set(id, position);
      await store.append([
        commitOf(
          id,
          0,
          Array.from({ length: 120 }, (_, n) => `${id}-${n}`),
        ),
      ]);
    },
    run: async (store, id) => {
      const events = await readAll(store, { after: starts.get(id) });
      if (events.length !== 120) throw new Error(`${events.length} of 120 events were shown`);
    },
    look: historyOf,
  },
];
