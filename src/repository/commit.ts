import { type Attribution, type Metadata, mergeMetadata } from "../attribution/metadata.ts";
import type { EntityCore, UncommittedEvent } from "../entity/entity-core.ts";
import { UnsupportedError } from "../errors/index.ts";
import type { CommittedEvent } from "../schema/event.ts";
import type { EntityCommit, NewEvent, TransactionOption } from "../storage/index.ts";
import { clone } from "../util/clone.ts";
import { type AttributionPolicy, enforcePolicy } from "./attribution-policy.ts";
import type { RepositoryContext } from "./context.ts";
import type { AppendOutcome } from "./repository-store.ts";
import type { CommitResult } from "./types.ts";

/** What a commit says about itself: what the call said, and what surrounded the call when it was made. */
export interface CommitAttribution {
  readonly given: Attribution;
  readonly surrounding: Attribution;
}

/**
 * Commits entities of one repository in one transaction, after the commits of theirs that are under way. Their queues are cleared when the
 * events are known to be durable: at once outside a transaction, at its end inside one of the store's. A transaction that the application
 * has opened takes the queues over.
 */
export async function commitEntities(
  context: RepositoryContext,
  cores: readonly EntityCore[],
  attribution: CommitAttribution,
  options: TransactionOption,
): Promise<readonly CommitResult<CommittedEvent>[]> {
  return oneAfterAnother(cores, async () => {
    for (const core of cores) core.assertIdle();
    const batches = cores.map((core) => ({ core, pending: core.pending })).filter(({ pending }) => pending.length > 0);
    if (batches.length > 1 && !context.store.capabilities.atomicBatches) {
      throw new UnsupportedError(
        "atomicBatches",
        "Unsupported: an adapter of two methods cannot store several entities in one transaction. Commit them one by one, or use a store.",
      );
    }
    const commits = batches.map(({ core, pending }) => toCommit(context, core, pending, attribution));
    const transaction = context.store.transactionOf(options);
    const outcomes =
      commits.length === 0
        ? []
        : await context.store.append(
            commits,
            batches.map(({ core }) => core.state),
            options,
          );

    for (const { core, pending } of batches) {
      if (transaction === undefined) {
        core.queue.splice(core.handedOver, pending.length);
        continue;
      }
      core.handedOver += pending.length;
      transaction.onEnd((committed) => {
        core.handedOver -= pending.length;
        if (committed) core.queue.splice(0, pending.length);
      });
    }
    const byCore = new Map(
      batches.map(({ core }, index) => {
        const outcome = outcomes[index] as AppendOutcome;
        // The queue keeps its events until the transaction has ended: the caller gets copies.
        return [core, transaction === undefined ? outcome : { ...outcome, events: outcome.events.map(clone) }];
      }),
    );
    return cores.map((core) =>
      commitResult(byCore.get(core) ?? { version: core.version, events: [], duplicate: false }),
    );
  });
}

/** The public face of what an append came to. */
export function commitResult({ version, events, duplicate }: AppendOutcome): CommitResult<CommittedEvent> {
  const position = (events.at(-1) as { position?: number } | undefined)?.position;
  return { version, position, events, duplicate } as CommitResult<CommittedEvent>;
}

function toCommit(
  context: RepositoryContext,
  core: EntityCore,
  pending: readonly UncommittedEvent[],
  { given, surrounding }: CommitAttribution,
): EntityCommit {
  const { entityName, entityId } = core;
  const events = pending.map(({ event, attribution, bodyIsOutput }): NewEvent => {
    const metadata = mergeMetadata([attribution, given, surrounding]);
    if (!context.store.capabilities.metadata) assertNothingIsLost(context.policy, mergeMetadata([attribution, given]));
    enforcePolicy(context.policy, event, metadata);
    const { eventId, eventName, eventCreatedAt, body } = event;
    return { eventId, eventName, eventCreatedAt, body, metadata, bodyIsOutput };
  });
  return { entityName, entityId, expectedVersion: core.version - pending.length, events };
}

/**
 * For adapters that keep no metadata: what somebody took the trouble to say, or what a policy asks for, is not dropped in silence.
 *
 * @throws {UnsupportedError}
 */
export function assertNothingIsLost(policy: AttributionPolicy, said: Metadata): void {
  if (policy === "optional" && Object.keys(said).length === 0) return;
  throw new UnsupportedError(
    "metadata",
    "Unsupported: this adapter does not keep who, when and why. Use a store, or let the adapter keep each event's metadata and say `storesMetadata: true`.",
  );
}

/** Runs work when everything that was begun before on these entities has ended; entities that are free are taken at once. */
async function oneAfterAnother<T>(cores: readonly EntityCore[], work: () => Promise<T>): Promise<T> {
  const before = cores.flatMap(({ lastCommit }) => lastCommit ?? []);
  const result = before.length === 0 ? work() : Promise.allSettled(before).then(work);
  // Taken all at once and in one go, so that two commits of the same entities cannot wait for each other.
  for (const core of cores) core.lastCommit = result;
  try {
    return await result;
  } finally {
    for (const core of cores) if (core.lastCommit === result) core.lastCommit = undefined;
  }
}
