import { EntityCore } from "../entity/entity-core.ts";
import type { BaseEventType } from "../schema/event.ts";
import type { LoadQuery, TransactionOption } from "../storage/index.ts";
import { type RepositoryContext, streamOf, upTo } from "./context.ts";
import type { StorePointInTime } from "./types.ts";

/** Which entity to load, and at which point of its past. */
export type LoadArgs = { readonly entityId: string } & Partial<StorePointInTime> & TransactionOption;

/**
 * Loads the working part of an entity: from a snapshot and the events after it where there is one that serves, else from the first event.
 *
 * @param options.readonly whether it is only to be looked at; default: where a point of the past is asked for.
 * @returns `null` where there is no event to compute a state from.
 */
export async function loadCore(
  context: RepositoryContext,
  args: LoadArgs,
  options: { readonly readonly?: boolean } = {},
): Promise<EntityCore | null> {
  const { definition, store } = context;
  const stream = streamOf(context, args.entityId);
  const point = upTo(args);
  const { transaction } = args;
  const newCore = () => {
    const core = new EntityCore(definition, args.entityId, options.readonly ?? point !== undefined);
    core.home = store.identity;
    core.repository = context;
    core.onWarning = context.onWarning;
    return core;
  };

  const fromSnapshot = await loadFromSnapshot(context, { ...stream, ...point }, transaction, newCore);
  if (fromSnapshot !== undefined) return reaches(fromSnapshot, args) ? fromSnapshot : null;
  const events = await store.load({ ...stream, ...point }, { transaction });
  if (events.length === 0) return null;
  const core = newCore();
  core.replay(events, replayOptions(context));
  return reaches(core, args) ? core : null;
}

function reaches(core: EntityCore, { version }: LoadArgs): boolean {
  return version === undefined || core.version >= version;
}

/** Over a store each load parses the rows anew: nobody else holds them. */
function replayOptions({ replay, store }: RepositoryContext) {
  return { ...replay, ownsEvents: store.snapshots?.isFingerprinted === true };
}

async function loadFromSnapshot(
  context: RepositoryContext,
  query: LoadQuery,
  transaction: TransactionOption["transaction"],
  newCore: () => EntityCore,
): Promise<EntityCore | undefined> {
  const { store, snapshotFrequency } = context;
  const { snapshots } = store;
  if (snapshots === undefined) return undefined;
  const { isFingerprinted } = snapshots;
  // A plain adapter that has snapshots is asked for them whether or not this repository makes any; for the past none serves there.
  if (isFingerprinted ? snapshotFrequency === undefined : isPast(query)) return undefined;
  if (query.at !== undefined || query.knownAt !== undefined || query.position !== undefined) return undefined;

  const { findSnapshot } = await import("./snapshots.ts");
  const snapshot = await findSnapshot(context, snapshots, query, { transaction });
  if (snapshot === undefined) return undefined;
  // The event that the snapshot stands on is loaded with those after it: it must be there, and the next event stands on it too.
  const afterVersion = isFingerprinted ? snapshot.version - 1 : snapshot.version;
  const events = await store.load({ ...query, afterVersion }, { transaction });
  let last: BaseEventType | undefined;
  if (isFingerprinted) {
    last = events[0];
    if (last?.version !== snapshot.version || last.eventId !== snapshot.eventId) return undefined;
  }
  const core = newCore();
  core.seed(snapshot.state, snapshot.version, last);
  // A rollback that leads below the snapshot needs the events that it stands for.
  return core.replay(isFingerprinted ? events.slice(1) : events, replayOptions(context)) ? core : undefined;
}

function isPast({ version, at }: LoadQuery): boolean {
  return version !== undefined || at !== undefined;
}
