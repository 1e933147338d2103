import { setTimeout } from "node:timers/promises";
import { createRepository, type EventStore } from "ventyd";
import { median } from "../compare.ts";
import { newEvent, Order, placed } from "../order.ts";
import { storeOrder } from "../rows/load.ts";
import { withStore } from "../with-store.ts";
import type { Point, StoreFigures } from "./figures.ts";

const eventsPerEntity = 100;
const entitiesPerAppend = 10;

/** Milliseconds. */
const settling = 20;
const leastRounds = 20;
/** A store of a thousand events is not to become one of ten thousand while it is measured. */
const mostRounds = 250;

export interface GrowthOptions {
  readonly store: string;
  /** How many events the stores hold that are compared. */
  readonly stored: readonly number[];
  /** How many events the entities have that are compared. */
  readonly ofEntity: readonly number[];
  readonly seconds: number;
  readonly onProgress: (text: string) => void;
}

/** @returns the figures, and the engine that they are of. */
export async function measureGrowth(options: GrowthOptions): Promise<Omit<StoreFigures, "taken"> & { engine: string }> {
  const byStored = await measureStored(options, options.stored, []);
  return withStore(options.store, async (store, engine) => ({
    byStored,
    byEntity: await measureEntities(options, store),
    engine,
  }));
}

interface Filled {
  readonly store: EventStore;
  readonly events: number;
}

/** All stores are open at once, so that they are measured in turn, and what else the machine does slows all of them. */
async function measureStored(
  options: GrowthOptions,
  sizes: readonly number[],
  filled: readonly Filled[],
): Promise<readonly Point[]> {
  const [events, ...rest] = sizes;
  if (events === undefined)
    return measurePoints(
      options.seconds,
      filled.map(({ store, events }) => ({ store, events, entityId: () => anyEntity(events) })),
    );
  return withStore(options.store, async (store) => {
    options.onProgress(`filling a store with ${events.toLocaleString("en")} events`);
    await fill(store, events);
    return measureStored(options, rest, [...filled, { store, events }]);
  });
}

async function measureEntities(options: GrowthOptions, store: EventStore): Promise<readonly Point[]> {
  const subjects = options.ofEntity.map((events) => ({ store, events, entityId: () => `order-of-${events}` }));
  for (const { events, entityId } of subjects) {
    options.onProgress(`storing an entity of ${events.toLocaleString("en")} events`);
    await storeOrder(store, entityId(), events);
  }
  return measurePoints(options.seconds, subjects);
}

interface Subject extends Filled {
  /** The entity whose turn it is. */
  readonly entityId: () => string;
}

async function measurePoints(seconds: number, subjects: readonly Subject[]): Promise<readonly Point[]> {
  const timed = subjects.map(({ store, events, entityId }) => {
    const orders = createRepository(Order, { adapter: store, loadValidation: "write" });
    return {
      events,
      load: () => orders.findOneOrThrow({ entityId: entityId() }),
      commit: () =>
        store.append([{ entityName: "order", entityId: entityId(), expectedVersion: "any", events: [newEvent()] }]),
    };
  });
  // First, because commits make entities longer.
  const loads = await medianTimes(
    timed.map(({ load }) => load),
    seconds / 2,
  );
  const commits = await medianTimes(
    timed.map(({ commit }) => commit),
    seconds / 2,
  );
  return timed.map(({ events }, index) => ({
    events,
    commit: commits[index] as number,
    load: loads[index] as number,
  }));
}

/** Milliseconds of each kind of work, all in turn; the first rounds warm up. */
async function medianTimes(works: readonly (() => Promise<unknown>)[], seconds: number): Promise<readonly number[]> {
  const times: number[][] = works.map(() => []);
  const end = performance.now() + seconds * 1000;
  for (let round = 0; round < leastRounds || (round < mostRounds && performance.now() < end); round++)
    for (const [index, work] of works.entries()) {
      // What comes right after the work of another size would pay for the garbage and the caches that it left.
      await setTimeout(settling);
      await work();
      const start = performance.now();
      await work();
      times[index]?.push(performance.now() - start);
    }
  return times.map((one) => median(one.slice(leastRounds / 2)));
}

const nameOf = (index: number) => `order-${index}`;
const anyEntity = (events: number) => nameOf(Math.floor((Math.random() * events) / eventsPerEntity));

/** Stores so many events, of entities of a hundred. */
async function fill(store: EventStore, count: number): Promise<void> {
  const entities = Math.ceil(count / eventsPerEntity);
  for (let first = 0; first < entities; first += entitiesPerAppend) {
    const length = Math.min(entitiesPerAppend, entities - first);
    await store.append(Array.from({ length }, (_, index) => commitOf(first + index)));
  }
}

function commitOf(entity: number) {
  const events = Array.from({ length: eventsPerEntity }, (_, index) => ({
    ...newEvent(),
    // In order: an index is filled much faster with these than with random ones, and is as large.
    eventId: `00000000-0000-4000-8000-${String(entity * eventsPerEntity + index).padStart(12, "0")}`,
    ...(index === 0 && { eventName: "order:placed", body: placed }),
  }));
  return { entityName: "order", entityId: nameOf(entity), expectedVersion: 0, events };
}
