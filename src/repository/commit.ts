import { type Attribution, type Metadata, mergeMetadata } from "../attribution/metadata.ts";
import type { EntityCore, UncommittedEvent } from "../entity/entity-core.ts";
import { EntityBusyError, UnsupportedError } from "../errors/index.ts";
import type { CommittedEvent } from "../schema/event.ts";
import type { EntityCommit, NewEvent, OpenTransaction, TransactionOption } from "../storage/index.ts";
import { clone } from "../util/clone.ts";
import { enforcePolicy } from "./attribution-policy.ts";
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
  const transaction = context.store.transactionOf(options);
  const isInside = transaction !== undefined || context.store.isInsideTransaction();
  // Entities are taken all at once and in one go, so that two commits of the same ones cannot wait for each other.
  while (isTaken(cores, transaction)) await oneEnds(cores, transaction, isInside);
  const result = submit(context, cores, attribution, transaction, options);
  const commit = { ended: result.catch(() => {}), transaction };
  for (const core of cores) core.commit = commit;
  try {
    return await result;
  } finally {
    for (const core of cores) core.commit = undefined;
  }
}

function isTaken(cores: readonly EntityCore[], transaction: OpenTransaction | undefined): boolean {
  return cores.some((core) => core.commit !== undefined || (core.holder !== undefined && core.holder !== transaction));
}

/**
 * Waits until one of the entities' commits, or one of the transactions that hold their events, has ended.
 *
 * @throws {EntityBusyError} inside a transaction, when that could in turn be waiting for this one.
 */
async function oneEnds(
  cores: readonly EntityCore[],
  transaction: OpenTransaction | undefined,
  isInside: boolean,
): Promise<void> {
  for (const core of cores) {
    // Only a commit of this very transaction cannot be waiting for its end; a call that stays out of it has none such.
    const commitIsOurs =
      core.commit === undefined || (transaction !== undefined && core.commit.transaction === transaction);
    const holderIsOurs = core.holder === undefined || core.holder === transaction;
    if (isInside && !(commitIsOurs && holderIsOurs)) throw new EntityBusyError(core, "commit");
  }
  await Promise.race(
    cores.flatMap(({ commit, holder }) => commit?.ended ?? (holder !== transaction ? holder?.ended : undefined) ?? []),
  );
}

async function submit(
  context: RepositoryContext,
  cores: readonly EntityCore[],
  attribution: CommitAttribution,
  transaction: OpenTransaction | undefined,
  options: TransactionOption,
): Promise<readonly CommitResult<CommittedEvent>[]> {
  const { store } = context;
  for (const core of cores) core.assertIdle();
  const batches = cores.map((core) => ({ core, pending: core.pending })).filter(({ pending }) => pending.length > 0);
  if (batches.length > 1 && !store.capabilities.atomicBatches) {
    throw new UnsupportedError(
      "atomicBatches",
      "Unsupported: an adapter of two methods cannot store several entities in one transaction. Commit them one by one, or use a store.",
    );
  }
  const commits = batches.map(({ core, pending }) => toCommit(context, core, pending, attribution));
  const states = batches.map(({ core }) => core.state);
  const outcomes = commits.length === 0 ? [] : await store.append(commits, states, options);

  const byCore = new Map<EntityCore, AppendOutcome>();
  for (const [index, { core, pending }] of batches.entries()) {
    const outcome = outcomes[index] as AppendOutcome;
    core.home ??= store.identity;
    if (transaction === undefined) {
      core.acknowledge(pending);
      byCore.set(core, outcome);
    } else {
      core.handOver(pending, transaction);
      const { eventId } = (pending.at(-1) as UncommittedEvent).event;
      transaction.onEnd((tookEffect) => core.release(pending, tookEffect(eventId)));
      // The queue keeps its events until the transaction has ended: the caller gets copies.
      byCore.set(core, { ...outcome, events: outcome.events.map(clone) });
    }
  }
  return cores.map((core) => commitResult(byCore.get(core) ?? { version: core.version, events: [], duplicate: false }));
}

/** The public face of what an append came to. */
export function commitResult({ version, events, duplicate }: AppendOutcome): CommitResult<CommittedEvent> {
  const position = (events.at(-1) as { position?: number } | undefined)?.position;
  return { version, position, events, duplicate } as CommitResult<CommittedEvent>;
}

function saysSomething(metadata: Metadata): boolean {
  return Object.keys(metadata).length > 0;
}

function toCommit(
  { store, policy }: RepositoryContext,
  core: EntityCore,
  pending: readonly UncommittedEvent[],
  { given, surrounding }: CommitAttribution,
): EntityCommit {
  const { entityName, entityId } = core;
  const events = pending.map(({ event, metadata: own, bodyIsOutput }): NewEvent => {
    const metadata = mergeMetadata([given, surrounding], own);
    if (!store.capabilities.metadata && (policy !== "optional" || saysSomething(mergeMetadata([given], own)))) {
      throw metadataIsNotKept();
    }
    enforcePolicy(policy, event, metadata);
    const { eventId, eventName, eventCreatedAt, body } = event;
    return { eventId, eventName, eventCreatedAt, body, metadata, bodyIsOutput };
  });
  const { event: first, previousEventId: expectedEventId } = pending[0] as UncommittedEvent;
  return { entityName, entityId, expectedVersion: first.version - 1, expectedEventId, events };
}

/** For adapters that keep no metadata: what somebody took the trouble to say, or what a policy asks for, is not dropped in silence. */
export function metadataIsNotKept(): UnsupportedError {
  return new UnsupportedError(
    "metadata",
    "Unsupported: this adapter does not keep who, when and why. Use a store, or let the adapter keep each event's metadata and say `storesMetadata: true`.",
  );
}
