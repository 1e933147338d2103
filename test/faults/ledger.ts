import { defineEntity, type StoredEvent } from "ventyd";
import { z } from "ventyd/zod";
import type { Change, SeenEvent } from "./facts.ts";
import { added, nothing } from "./fold.ts";

const numbered = z.object({ number: z.number(), padding: z.string().optional() });

/**
 * What every role writes to: numbers in their order. One class for each writer, for its ids are made by him.
 *
 * @param generateId is asked for the id of a rollback, of which there is no other way to hear before it is committed.
 */
export function defineLedger(generateId: () => string) {
  return defineEntity("ledger", {
    state: z.object({ count: z.number(), trail: z.number() }),
    events: { opened: numbered, added: numbered },
    initial: "opened",
    reduce: {
      opened: (_, { body }) => added(nothing, body.number),
      added: (state, { body }) => added(state, body.number),
    },
    mutations: {
      add({ dispatch }, number: number, eventId: string) {
        dispatch("added", { number }, { eventId });
      },
    },
    generateId,
    checks: "off",
  });
}

/** What the judge is told of an event. */
export function seen(event: Pick<StoredEvent, "eventId" | "entityId" | "version" | "body"> & { position: number }) {
  const { position, eventId, entityId, version } = event;
  return { position, eventId, entityId, version, change: changeOf(event.body) } satisfies SeenEvent;
}

/** What an event does, by its body: a number to add, or the version that a rollback goes back to. */
export function changeOf(body: unknown): Change {
  const { number, toVersion } = body as { number?: number; toVersion?: number };
  return number === undefined ? { back: toVersion as number } : { add: number };
}
