import { EntityCore } from "../entity/entity-core.ts";
import { effectivePath } from "../entity/replay.ts";
import { EntityNotFoundError, ValidationError } from "../errors/index.ts";
import type { CommittedEvent } from "../schema/event.ts";
import { lastVersion, numberOf } from "../schema/legacy-stream.ts";
import { checkOrder, type TransactionOption } from "../storage/index.ts";
import { type Json, toJson } from "../util/json.ts";
import { type Change, compare } from "./changes.ts";
import { checkCount, checkVersion, type RepositoryContext, streamOf } from "./context.ts";
import type { HistoryArgs, HistoryEntry } from "./types.ts";

/** The state after some events of an entity, as JSON; `null` after none. */
export function stateAfter(
  { definition, replay }: RepositoryContext,
  entityId: string,
  events: readonly CommittedEvent[],
): Json | null {
  if (events.length === 0) return null;
  const core = new EntityCore(definition, entityId, true);
  core.replay(events, replay);
  return asJson(core);
}

/** The versions of the events that are in effect, rollbacks included. */
export function effectiveVersions(
  { definition }: RepositoryContext,
  events: readonly CommittedEvent[],
): ReadonlySet<number> {
  const path = effectivePath(events, definition.rollbackName) ?? [];
  return new Set(path.map((index) => (events[index] as CommittedEvent).version));
}

export async function history(
  context: RepositoryContext,
  args: HistoryArgs & TransactionOption,
): Promise<readonly HistoryEntry<CommittedEvent>[]> {
  const { entityId, after = 0, before = Number.MAX_SAFE_INTEGER, limit = 100, order = "asc" } = args;
  checkVersion(after, "after", 0);
  checkVersion(before, "before", 0);
  checkCount(limit, "limit");
  checkOrder(order);
  const events = await context.store.loadHistory(streamOf(context, entityId), args);
  const asked = events.filter((event, index) => {
    const number = numberOf(event, index);
    return number > after && number < before;
  });
  const page = order === "asc" ? asked.slice(0, limit) : asked.slice(-limit || asked.length).toReversed();
  // Erased together: where one is, a rollback has no body left to be followed by.
  if (events[0]?.isErased === true) return page.map(withoutStates);
  const states = statesAround(context, entityId, events, page);
  const effective = effectiveVersions(context, events);
  return page.map((event) => {
    const state = states.get(event) as { before: Json | null; after: Json };
    return { event, ...state, changes: compare(state.before, state.after), effective: effective.has(event.version) };
  });
}

/** Of an erased entity only who, when and why are left. */
function withoutStates(event: CommittedEvent): HistoryEntry<CommittedEvent> {
  return { event, before: null, after: null, changes: [], effective: true };
}

/**
 * The states before and after each event of a page, in one fold that starts where the page does. States are written down as JSON on the way,
 * for not every reducer leaves the state before it alone; a rollback inside the page makes the fold start again along the path that is then
 * in effect.
 */
function statesAround(
  context: RepositoryContext,
  entityId: string,
  events: readonly CommittedEvent[],
  page: readonly CommittedEvent[],
): ReadonlyMap<CommittedEvent, { before: Json | null; after: Json }> {
  const states = new Map<CommittedEvent, { before: Json | null; after: Json }>();
  // A page is a run of the stream, in one order or the other.
  const first = Math.min(...[page[0], page.at(-1)].map((event) => events.indexOf(event as CommittedEvent)));
  if (first < 0) return states;
  const replay = (upTo: number) => {
    const core = new EntityCore(context.definition, entityId, true);
    core.replay(events.slice(0, upTo), context.replay);
    return core;
  };
  let core = replay(first);
  let before = first === 0 ? null : asJson(core);
  for (const [offset, event] of events.slice(first, first + page.length).entries()) {
    if (event.eventName === context.definition.rollbackName) core = replay(first + offset + 1);
    else core.replay([event], context.replay);
    const after = asJson(core);
    states.set(event, { before, after });
    before = after;
  }
  return states;
}

/** The state of an entity, as JSON. */
export function asJson(core: EntityCore): Json {
  // Where `migrate` has dropped everything so far, there is no state yet.
  return core.state === null ? null : toJson(core.state, `the state of ${core.entityName} "${core.entityId}"`);
}

export async function diff(
  context: RepositoryContext,
  args: { readonly entityId: string; readonly from: number; readonly to: number } & TransactionOption,
): Promise<readonly Change[]> {
  const { entityId, from, to } = args;
  checkVersion(from, "from", 0);
  checkVersion(to, "to", 0);
  const stream = streamOf(context, entityId);
  const events = await context.store.loadHistory(stream, args);
  if (events.length === 0) throw new EntityNotFoundError(stream);
  const head = lastVersion(events) ?? 0;
  if (Math.max(from, to) > head) {
    throw new ValidationError(
      "invalid_version",
      `Invalid version: ${stream.entityName} "${entityId}" is at version ${head}, so it has no version ${Math.max(from, to)}.`,
    );
  }
  const stateAt = (version: number) =>
    stateAfter(context, entityId, events.slice(0, events.findLastIndex((event) => event.version <= version) + 1));
  return compare(stateAt(from), stateAt(to));
}
