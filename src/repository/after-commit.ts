import type { EntityCore, UncommittedEvent } from "../entity/entity-core.ts";
import { clone } from "../util/clone.ts";
import { fullCopy } from "../util/full-copy.ts";
import type { RepositoryContext } from "./context.ts";
import { runPlugins } from "./plugins.ts";
import type { AppendOutcome } from "./repository-store.ts";

/** An entity as it was when its events were handed over: what is dispatched while they are written belongs to the next commit. */
export interface Captured {
  readonly state: unknown;
  readonly version: number;
  readonly eventId: string;
  readonly isSnapshotDue: boolean;
}

/** Takes down what snapshots and plugins will need; `undefined` where there are none. */
export function capture(
  context: RepositoryContext,
  core: EntityCore,
  pending: readonly UncommittedEvent[],
): Captured | undefined {
  const isDue = isSnapshotDue(context, core, pending);
  if (!isDue && context.plugins.length === 0) return undefined;
  const { eventId, version } = (pending.at(-1) as UncommittedEvent).event;
  const state = fullCopy(core.state) ?? clone(core.state);
  return { state, version, eventId, isSnapshotDue: isDue };
}

/** A commit rarely ends on a multiple of the frequency: crossing one is what counts. */
function isSnapshotDue(
  { snapshotFrequency, store }: RepositoryContext,
  core: EntityCore,
  pending: readonly UncommittedEvent[],
): boolean {
  if (snapshotFrequency === undefined || store.snapshots === undefined) return false;
  const before = (pending[0] as UncommittedEvent).event.version - 1;
  return Math.floor(before / snapshotFrequency) < Math.floor(core.version / snapshotFrequency);
}

/** What is done once events are durable. Its failures are warnings: the commit has succeeded. */
export async function afterCommit(
  context: RepositoryContext,
  { entityName, entityId }: { readonly entityName: string; readonly entityId: string },
  outcome: AppendOutcome,
  captured: Captured,
): Promise<void> {
  const { state, version, eventId } = captured;
  // Plugins are told before anything is awaited, so that they hear of an entity's commits in their order.
  const plugins = runPlugins(context, { entityName, entityId, events: outcome.events, state });
  if (captured.isSnapshotDue) {
    const { saveSnapshot } = await import("./snapshots.ts");
    await saveSnapshot(context, entityId, { state, version, eventId });
  }
  await plugins;
}
