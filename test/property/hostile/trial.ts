import fc from "fast-check";
import {
  createRepository,
  type DispatchOptions,
  defineEntity,
  type EventStore,
  type StoredEvent,
  VentydError,
} from "ventyd";
import { expect } from "vitest";
import { errorCodes } from "../../../src/errors/codes.ts";
import type { StandardSchemaV1 } from "../../../src/schema/standard-schema.ts";
import { readAll } from "../../../src/testing/contract/events.ts";
import { type Identifier, identifier, instant, json, metadata, notJson, spell, text } from "./values.ts";

const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { nil: undefined, freq });

/** An event, and all that may be said with it; what is left out is harmless. */
export const hostileCase = fc.record({
  entityName: maybe(identifier, 1),
  entityId: maybe(identifier),
  eventName: maybe(identifier, 1),
  eventId: maybe(identifier, 1),
  eventCreatedAt: maybe(instant, 1),
  actor: maybe(identifier),
  reason: maybe(text),
  correlationId: maybe(identifier, 1),
  causationId: maybe(identifier, 1),
  idempotencyKey: maybe(identifier, 1),
  metadata: maybe(metadata),
  body: fc.oneof({ weight: 12, arbitrary: json.map((it) => ["JSON", it] as [string, unknown]) }, notJson),
});

export type HostileCase = Parameters<Parameters<typeof hostileCase.map>[0]>[0];

const harmless: HostileCase = {
  entityName: undefined,
  entityId: undefined,
  eventName: undefined,
  eventId: undefined,
  eventCreatedAt: undefined,
  actor: undefined,
  reason: undefined,
  correlationId: undefined,
  causationId: undefined,
  idempotencyKey: undefined,
  metadata: undefined,
  body: ["JSON", "harmless"],
};

/** What has been taken for something else before, and one of either outcome. */
export const examples: readonly HostileCase[] = [
  harmless,
  { ...harmless, body: ["NaN", Number.NaN] },
  { ...harmless, body: ["JSON", { constructor: { a: {} } }] },
  { ...harmless, eventCreatedAt: `2024-01-01T00:00:00.${"1".repeat(60)}Z` },
  { ...harmless, entityId: { text: "\ufeff", bytes: undefined, ownAt: "end" } },
  { ...harmless, actor: { text: "\ufeffalice", bytes: undefined, ownAt: "end" } },
];

/** A schema that lets everything through. */
export const anything = <T = unknown>(): StandardSchemaV1<unknown, T> => ({
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as T }) },
});
const noon = "2024-01-01T12:00:00.000Z";
const rollbackBy = { actor: "alice", reason: "it was wrong" };

/** How a call was refused; only with an error of ours is it known what to do about it. */
export function refusalOf(error: unknown): { readonly refused: string } {
  if (!(error instanceof VentydError)) throw error;
  expect(errorCodes).toContain(error.code);
  expect(error.code).not.toBe("driver_error");
  return { refused: error.code };
}

/** Events as JSON, without what no two stores have in common. */
function textOf(events: readonly object[]): string {
  return JSON.stringify(events, (key, value) => (key === "position" || key === "recordedAt" ? undefined : value));
}

function define(entityName: string, put: string, number: number) {
  let ids = 0;
  const reduce = (_: unknown, { body }: { body: unknown }) => ({ last: body });
  const events: Record<string, StandardSchemaV1> = { made: anything(), [put]: anything() };
  return defineEntity(entityName, {
    state: anything<{ last: unknown }>(),
    events,
    initial: "made",
    reduce: { made: reduce, [put]: reduce },
    mutations: {
      put: ({ dispatch }, body: unknown, options: DispatchOptions = {}) => void dispatch(put, body, options),
    },
    generateId: () => `made ${number}.${++ids}`,
    now: () => new Date(noon),
  });
}

/**
 * Takes a store through a hostile event: it is refused, with nothing written and an entity that goes on; or it comes back, from
 * wherever it can be read, as it was given.
 *
 * @returns what any other store must come to as well.
 */
export async function trial(store: EventStore, given: HostileCase, number: number): Promise<object> {
  const own = (it: Identifier | undefined, otherwise: string) =>
    it === undefined ? otherwise : spell(it, `${number}`);
  const said = (it: Identifier | undefined) => (it === undefined ? undefined : spell(it));
  const entityName = given.entityName === undefined ? "thing" : spell(given.entityName);
  const entityId = own(given.entityId, `${number}`);
  const stream = { entityName, entityId };
  const attribution = {
    actor: said(given.actor),
    reason: given.reason,
    correlationId: said(given.correlationId),
    causationId: said(given.causationId),
    metadata: given.metadata,
  };
  const options = { ...attribution, idempotencyKey: said(given.idempotencyKey) };
  const [, body] = given.body;
  const start = (await store.status()).frontier;
  const stored = async () => textOf(await readAll(store, { after: start }));

  const warnings: Error[] = [];
  let things: ReturnType<typeof openRepository>;
  const openRepository = (snapshot?: { frequency: number }) =>
    createRepository(define(entityName, given.eventName === undefined ? "put" : spell(given.eventName), number), {
      adapter: store,
      ...(snapshot && { snapshot }),
      onWarning: (warning) => void warnings.push(warning),
    });
  try {
    things = openRepository({ frequency: 1 });
    await things.create({ entityId, body: "first" });
  } catch (error) {
    expect(await stored()).toBe("[]");
    return refusalOf(error);
  }

  const before = await stored();
  const held = await things.findOneOrThrow({ entityId });
  let dispatched = false;
  try {
    held.put(body, {
      eventCreatedAt: given.eventCreatedAt,
      eventId: given.eventId === undefined ? undefined : own(given.eventId, ""),
    });
    dispatched = true;
    await things.commit(held, options);
  } catch (error) {
    const refusal = refusalOf(error);
    expect(await stored()).toBe(before);
    // What was said with a commit is not the entity's: it can be committed with something else.
    if (!dispatched) held.put("plain");
    await things.commit(held);
    expect((await openRepository().findOneOrThrow({ entityId })).version).toBe(2);
    return { ...refusal, dispatched, log: await stored() };
  }

  const bodyText = JSON.stringify(body);
  const found = await things.findOneOrThrow({ entityId });
  const refolded = await openRepository().findOneOrThrow({ entityId });
  await store.saveSnapshot({ ...stream, version: 2, state: { last: body } });
  const snapshot: { state: { last: unknown } } | null = await store.getSnapshot(stream);
  const history = await store.loadHistory(stream);
  const [loaded] = await store.load({ ...stream, afterVersion: 1 });
  for (const { state } of [found, refolded, held, snapshot as NonNullable<typeof snapshot>])
    expect(JSON.stringify(state.last)).toBe(bodyText);
  for (const event of [loaded, history[1]]) expect(JSON.stringify(event?.body)).toBe(bodyText);
  const { metadata: kept = {} } = history[1] as StoredEvent;
  for (const [name, value] of Object.entries(given.metadata ?? {})) {
    expect(JSON.stringify(Object.getOwnPropertyDescriptor(kept, name)?.value)).toBe(JSON.stringify(value));
  }

  const again = await things.mutate({ entityId }, (it) => it.put(body), options);
  const found2 = again.duplicate ? null : again.version;
  const filters = {
    entityNames: [entityName],
    eventNames: [(history[1] as StoredEvent).eventName],
    ...(kept.actor !== undefined && { actors: [kept.actor] }),
    ...(kept.correlationId !== undefined && { correlationIds: [kept.correlationId] }),
  };
  const read = textOf(await readAll(store, { after: start, ...filters }));
  expect(read).toBe(textOf((await store.loadHistory(stream)).slice(1)));
  const listed = await entityIn(store, stream);
  const { idempotencyKey } = options;
  const known = idempotencyKey === undefined ? null : await store.findByIdempotencyKey({ ...stream, idempotencyKey });
  if (idempotencyKey !== undefined) expect(textOf(known ?? [])).toBe(textOf(history.slice(1)));

  await things.rollback({ entityId, toVersion: 1 }, rollbackBy);
  expect((await things.findOneOrThrow({ entityId })).state).toEqual({ last: "first" });
  await things.rollback({ entityId, toVersion: 2 }, rollbackBy);
  for (const repository of [things, openRepository()]) {
    expect(JSON.stringify((await repository.findOneOrThrow({ entityId })).state.last)).toBe(bodyText);
  }
  const told = await things.history({ entityId });
  expect(JSON.stringify((told.at(-1)?.after as { last?: unknown } | undefined)?.last)).toBe(bodyText);
  expect(warnings).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  return {
    again: found2,
    listed,
    changes: JSON.stringify(told.map(({ changes, effective }) => ({ changes, effective }))),
    log: await stored(),
  };
}

/** The entity, in the list of its kind. */
async function entityIn(store: EventStore, { entityName, entityId }: { entityName: string; entityId: string }) {
  let page = await store.entities({ entityName });
  for (let pages = 0; pages < 20 && page.length > 0; pages++) {
    const found = page.find((it) => it.entityId === entityId);
    if (found !== undefined) return found;
    page = await store.entities({ entityName, after: page.at(-1)?.entityId });
  }
  throw new Error(`${entityName} "${entityId}" is not in the list`);
}
