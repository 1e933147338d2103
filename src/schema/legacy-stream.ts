/**
 * Streams that our stores never return, and adapters of two methods may: what version 1 of this library has stored, or other code beside
 * it. Their events may lack a version or have one that stands twice, may come in any order, and may hold any text for a time. An append
 * of ours numbers its events 1, 2, 3 ..., and an import takes nothing else.
 *
 * What holds for them: every event counts; the order is that of `inOrder`; the entity's version is that of the last event that has one,
 * and new events go on from there. They load, can be changed, told and looked back on. A rollback needs every version once, and is
 * refused with `legacy_stream`; `at` needs times that can be read. This file is all that knows about them.
 */
import { VentydError } from "../errors/index.ts";
import { parseInstant, readInstant } from "../util/instant.ts";
import type { BaseEventType } from "./event.ts";

type Dated = Pick<BaseEventType, "eventCreatedAt">;
type Numbered = { readonly version?: number | undefined };

/** Oldest first: by version where every event has one, by time where none has, else as the adapter says. */
export function inOrder<TEvent extends Dated & Numbered>(events: readonly TEvent[]): TEvent[] {
  const versioned = events.filter(({ version }) => typeof version === "number").length;
  if (versioned === events.length) return events.toSorted((a, b) => (a.version as number) - (b.version as number));
  // Versions and times cannot be sorted against each other.
  if (versioned > 0) return [...events];
  const timeOf = ({ eventCreatedAt }: Dated) => readInstant(eventCreatedAt) ?? Date.parse(eventCreatedAt);
  return events.toSorted((a, b) => timeOf(a) - timeOf(b) || 0);
}

/** The same for a table, which has no order of its own: what has no version is from before there were any. */
export function inTableOrder<TEvent extends Dated & Numbered>(events: readonly TEvent[]): TEvent[] {
  const old = events.filter(({ version }) => version === undefined);
  return [...inOrder(old), ...inOrder(events.filter(({ version }) => version !== undefined))];
}

/** The version that a stream has come to; `undefined` where no event has one. */
export function lastVersion(events: readonly Numbered[]): number | undefined {
  return events.findLast(({ version }) => version !== undefined && version !== null)?.version;
}

/** Where a version stands last, before an index; -1 where it does not. All searches of one walk backwards together pass once over the stream. */
export function lastIndexOfVersion(events: readonly Numbered[], version: number, before: number): number {
  for (let index = before - 1; index >= 0; index--) if (events[index]?.version === version) return index;
  return -1;
}

/** The number by which an event can be asked for: its version, else its place. */
export function numberOf({ version }: Numbered, index: number): number {
  return version ?? index + 1;
}

/** When an event happened, in milliseconds; `undefined` where nobody can read it: that holds no clock back. */
export function timeOf({ eventCreatedAt }: Dated): number | undefined {
  return readInstant(eventCreatedAt);
}

/** @throws {ValidationError} `invalid_instant` for a time that nobody can read. */
export function happenedBy({ eventCreatedAt, eventName, version }: BaseEventType, at: number): boolean {
  return parseInstant(eventCreatedAt, `eventCreatedAt of "${eventName}" (version ${version})`) <= at;
}

/** @throws {VentydError} `legacy_stream` where the versions of a whole stream are not 1, 2, 3 ... */
export function assertNumbered(
  events: readonly Numbered[],
  entity: Pick<BaseEventType, "entityName" | "entityId">,
): void {
  if (events.every(({ version }, index) => version === index + 1)) return;
  throw legacyStream(
    entity,
    "has events without a version, or with one that stands twice, so there is no version to go back to. Import it into a store first.",
  );
}

/** For what cannot be done with such a stream. */
export function legacyStream(
  { entityName, entityId }: Pick<BaseEventType, "entityName" | "entityId">,
  problem: string,
): VentydError {
  return new VentydError("legacy_stream", `Legacy stream: ${entityName} "${entityId}" ${problem}`);
}
