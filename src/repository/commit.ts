import { type Metadata, mergeMetadata } from "../attribution/metadata.ts";
import { enforcePolicy } from "../attribution/policy.ts";
import type { EntityCore, UncommittedEvent } from "../entity/entity-core.ts";
import { EntityBusyError, UnsupportedError, ValidationError } from "../errors/index.ts";
import type { CommittedEvent } from "../schema/event.ts";
import type { CommitResult, EntityCommit, NewEvent, OpenTransaction, TransactionOption } from "../storage/index.ts";
import { clone } from "../util/clone.ts";
import { afterCommit, capture } from "./after-commit.ts";
import type { RepositoryContext } from "./context.ts";
import { type CommitAttribution, metadataOf } from "./metadata.ts";
import type { AppendOutcome, RepositoryStore } from "./repository-store.ts";

/** An entity to commit, and the repository under whose rules. */
export interface Member {
  readonly core: EntityCore;
  readonly context: RepositoryContext;
}

/**
 * Commits entities to one store in one transaction, after the commits of theirs that are under way. Their queues are cleared, and snapshots
 * and plugins run, when the events are known to be durable: at once outside a transaction, at its end inside one of the store's. A
 * transaction that the application has opened takes the queues over.
 *
 * @throws {ValidationError} `duplicate_entity`.
 */
export async function commitMembers(
  store: RepositoryStore,
  members: readonly Member[],
  attribution: CommitAttribution,
  options: TransactionOption,
): Promise<readonly CommitResult<CommittedEvent>[]> {
  const cores = members.map(({ core }) => core);
  if (cores.length > 1 && new Set(cores.map(nameOf)).size < cores.length) {
    throw new ValidationError(
      "duplicate_entity",
      "Duplicate entity: an entity, or two of the same id, stand twice in one commit. Commit each once.",
    );
  }
  const joined = store.join(options);
  const transaction = joined === "application" ? undefined : joined;
  const isInside = transaction !== undefined || store.isInsideTransaction();
  // Entities are taken all at once and in one go, so that two commits of the same ones cannot wait for each other.
  while (isTaken(cores, transaction)) await oneEnds(cores, transaction, isInside);
  const result = submit(store, members, attribution, joined, options);
  const commit = { ended: result.catch(() => {}), transaction };
  for (const core of cores) core.commit = commit;
  let submitted: Submitted;
  try {
    submitted = await result;
  } finally {
    for (const core of cores) core.commit = undefined;
  }
  await submitted.followUps;
  return submitted.results;
}

function nameOf({ entityName, entityId }: EntityCore): string {
  return JSON.stringify([entityName, entityId]);
}

interface Submitted {
  readonly results: readonly CommitResult<CommittedEvent>[];
  /** What is done once the events are durable. Others may commit the entities meanwhile. */
  readonly followUps: Promise<unknown> | undefined;
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
  store: RepositoryStore,
  members: readonly Member[],
  attribution: CommitAttribution,
  joined: OpenTransaction | "application" | undefined,
  options: TransactionOption,
): Promise<Submitted> {
  for (const { core } of members) core.assertIdle();
  const batches = members
    .map((member) => ({ ...member, pending: member.core.pending }))
    .filter(({ pending }) => pending.length > 0);
  if (batches.length > 1 && !store.capabilities.atomicBatches) {
    throw new UnsupportedError(
      "atomicBatches",
      "Unsupported: an adapter of two methods cannot store several entities in one transaction. Commit them one by one, or use a store.",
    );
  }
  const commits = batches.map(({ context, core, pending }) => toCommit(context, core, pending, attribution));
  const states = batches.map(({ core }) => core.state);
  const captured = batches.map(({ context, core, pending }) => capture(context, core, pending));
  const outcomes = commits.length === 0 ? [] : await appendOrRemember();

  const byCore = new Map<EntityCore, AppendOutcome>();
  const followUps: Promise<unknown>[] = [];
  for (const [index, { context, core, pending }] of batches.entries()) {
    const outcome = outcomes[index] as AppendOutcome;
    const { eventId } = (pending.at(-1) as UncommittedEvent).event;
    core.home ??= store.identity;
    core.repository ??= context;
    // Under an idempotency key others may have been stored.
    const isOurs = outcome.events.at(-1)?.eventId === eventId;
    // What was stored before, whoever stored it has told of; unless that was this entity, and it never heard.
    const isTold = outcome.duplicate && !core.isUnanswered;
    core.isUnanswered = false;
    const taken = isOurs && !isTold ? captured[index] : undefined;
    const follow = () => taken && afterCommit(context, core, outcome, taken);
    if (joined === undefined || joined === "application") {
      core.acknowledge(pending);
      byCore.set(core, outcome);
      // Whether the application's own transaction takes effect, nobody tells us.
      const following = joined === undefined ? follow() : undefined;
      if (following !== undefined) followUps.push(following);
    } else {
      core.handOver(pending, joined);
      joined.onEnd((tookEffect) => {
        // What answers under an idempotency key may have been stored in this very transaction, and go with it.
        const areDurable = tookEffect(outcome.events.at(-1)?.eventId ?? eventId);
        core.release(pending, areDurable);
        return areDurable ? follow() : undefined;
      });
      // The queue keeps its events until the transaction has ended: the caller gets copies.
      byCore.set(core, { ...outcome, events: outcome.events.map(clone) });
    }
  }
  const results = members.map(({ core }) =>
    commitResult(byCore.get(core) ?? { version: core.version, events: [], duplicate: false }),
  );
  return { results, followUps: followUps.length === 0 ? undefined : Promise.all(followUps) };

  async function appendOrRemember(): Promise<readonly AppendOutcome[]> {
    try {
      return await store.append(commits, states, options);
    } catch (error) {
      for (const { core } of batches) core.isUnanswered = true;
      throw error;
    }
  }
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
  context: RepositoryContext,
  core: EntityCore,
  pending: readonly UncommittedEvent[],
  attribution: CommitAttribution,
): EntityCommit {
  const { store, policy } = context;
  const { entityName, entityId } = core;
  const events = pending.map(({ event, metadata: own, bodyIsOutput }): NewEvent => {
    if (
      !store.capabilities.metadata &&
      (policy !== "optional" || saysSomething(mergeMetadata([attribution.given], own)))
    ) {
      throw metadataIsNotKept();
    }
    const metadata = metadataOf(context, attribution, event, own);
    enforcePolicy(policy, event, metadata);
    const { eventId, eventName, eventCreatedAt, body } = event;
    return { eventId, eventName, eventCreatedAt, body, metadata, bodyIsOutput };
  });
  const { event: first, previousEventId: expectedEventId } = pending[0] as UncommittedEvent;
  const { idempotencyKey } = attribution;
  return { entityName, entityId, expectedVersion: first.version - 1, expectedEventId, events, idempotencyKey };
}

/** For adapters that keep no metadata: what somebody took the trouble to say, or what a policy asks for, is not dropped in silence. */
export function metadataIsNotKept(): UnsupportedError {
  return new UnsupportedError(
    "metadata",
    "Unsupported: this adapter does not keep who, when and why. Use a store, or let the adapter keep each event's metadata and say `storesMetadata: true`.",
  );
}
