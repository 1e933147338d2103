import { enforcePolicy } from "../attribution/policy.ts";
import { EntityCore } from "../entity/entity-core.ts";
import {
  ConcurrencyError,
  EntityErasedError,
  EntityNotFoundError,
  IdempotencyMismatchError,
  IrreversibleError,
  ValidationError,
} from "../errors/index.ts";
import type { CommittedEvent } from "../schema/event.ts";
import { assertNumbered, timeOf } from "../schema/legacy-stream.ts";
import type { CommitResult, EntityCommit, TransactionOption } from "../storage/index.ts";
import { formatInstant, parseInstant } from "../util/instant.ts";
import type { Json } from "../util/json.ts";
import { afterCommit } from "./after-commit.ts";
import { compare } from "./changes.ts";
import { commitResult, metadataIsNotKept } from "./commit.ts";
import { checkVersion, type RepositoryContext, streamOf } from "./context.ts";
import { asJson, effectiveVersions, stateAfter } from "./history.ts";
import { type CommitAttribution, metadataOf } from "./metadata.ts";
import type { AppendOutcome } from "./repository-store.ts";
import type { RollbackPreview, RollbackTarget } from "./types.ts";

/** What a rollback comes to, before anybody decides on it. */
interface RollbackPlan {
  /** The whole stream. */
  readonly events: readonly CommittedEvent[];
  readonly toVersion: number;
  /** The state that the entity would have. */
  readonly core: EntityCore;
  readonly undone: readonly CommittedEvent[];
  readonly redone: readonly CommittedEvent[];
  readonly irreversible: readonly CommittedEvent[];
}

async function planRollback(
  context: RepositoryContext,
  target: RollbackTarget & TransactionOption,
): Promise<RollbackPlan> {
  const { definition, store } = context;
  const { entityName, entityId } = streamOf(context, target.entityId);
  const events = await store.loadHistory({ entityName, entityId }, target);
  if (events.length === 0) throw new EntityNotFoundError({ entityName, entityId });
  // First of all: a rollback whose body is gone cannot be followed.
  if (events[0]?.isErased === true) throw new EntityErasedError({ entityName, entityId });
  assertNumbered(events, { entityName, entityId });
  const toVersion = resolveTarget(target, events);
  const kept = events.slice(0, toVersion);
  const [now, then] = [effectiveVersions(context, events), effectiveVersions(context, kept)];
  const inEffect = (versions: ReadonlySet<number>) =>
    events.filter((event) => versions.has(event.version) && event.eventName !== definition.rollbackName);
  if (target.at !== undefined) assertNothingLater(inEffect(then), parseInstant(target.at, "at"), target.at);

  const core = new EntityCore(definition, entityId);
  core.replay(kept, context.replay);
  definition.schema.parseState(core.state);
  const undone = inEffect(now).filter((event) => !then.has(event.version));
  return {
    events,
    toVersion,
    core,
    undone,
    redone: inEffect(then).filter((event) => !now.has(event.version)),
    irreversible: undone.filter((event) => isIrreversible(context, event)),
  };
}

/** By the names of today: what was stored under another name may be called irreversible since. */
function isIrreversible({ definition, replay }: RepositoryContext, event: CommittedEvent): boolean {
  const events = replay.upcast?.(event) ?? [event];
  return events.some(({ eventName }) => definition.schema.irreversible.includes(eventName));
}

function resolveTarget({ entityId, toVersion, at }: RollbackTarget, events: readonly CommittedEvent[]): number {
  if ((toVersion === undefined) === (at === undefined)) {
    throw new ValidationError("invalid_option", "Invalid option: a rollback needs toVersion or at, and not both.");
  }
  if (toVersion !== undefined) checkVersion(toVersion, "toVersion");
  const instant = at === undefined ? undefined : parseInstant(at, "at");
  const resolved =
    toVersion ??
    events.findLast((event) => parseInstant(event.eventCreatedAt, "eventCreatedAt") <= (instant as number))?.version ??
    0;
  if (resolved >= 1 && resolved < events.length) return resolved;
  throw new ValidationError(
    "invalid_version",
    `Invalid version: "${entityId}" is at version ${events.length}, so ${events.length === 1 ? "there is nothing to go back to" : `it can go back to versions 1 to ${events.length - 1}, not to ${resolved}`}` +
      (at === undefined ? "." : `, which is where it was at ${String(at)}.`),
  );
}

function assertNothingLater(kept: readonly CommittedEvent[], instant: number, at: string | Date): void {
  const later = kept.find((event) => parseInstant(event.eventCreatedAt, "eventCreatedAt") > instant);
  if (later === undefined) return;
  throw new ValidationError(
    "rollback_out_of_order",
    `Events out of order: going back to ${String(at)} would keep "${later.eventName}" (version ${later.version}), dated ${later.eventCreatedAt}. Choose the version with toVersion.`,
    { eventName: later.eventName, eventId: later.eventId, version: later.version },
  );
}

/**
 * An event that this build skips may be what must not be undone, and a state without it must not become the newest.
 *
 * @throws {StaleBuildError}
 */
function assertAllKnown({ definition, replay }: RepositoryContext, { events, core }: RollbackPlan): void {
  if (replay.onUnknownEvent !== "skip") return;
  const now = new EntityCore(definition, core.entityId);
  now.replay(events, replay);
  now.assertMutable();
  core.assertMutable();
}

export async function previewRollback(
  context: RepositoryContext,
  target: RollbackTarget & TransactionOption,
): Promise<RollbackPreview<CommittedEvent>> {
  const { entityId } = target;
  const { events, toVersion, core, undone, redone, irreversible } = await planRollback(context, target);
  const version = events.length;
  const before = stateAfter(context, entityId, events) as Json;
  const after = asJson(core);
  const correlationIds = [...new Set(undone.flatMap(({ metadata }) => metadata.correlationId ?? []))];
  const correlated = correlationIds.length === 0 ? [] : await context.store.correlated(correlationIds, target);
  const { entityName } = context.definition.schema;
  const related = correlated.filter((event) => event.entityId !== entityId || event.entityName !== entityName);
  const changes = compare(before, after);
  return { entityId, version, toVersion, before, after, changes, undone, redone, related, irreversible };
}

export async function rollback(
  context: RepositoryContext,
  target: RollbackTarget & { readonly expectedVersion?: number | undefined; readonly version?: number },
  attribution: CommitAttribution,
  options: TransactionOption,
): Promise<CommitResult<CommittedEvent>> {
  const { definition, store } = context;
  const { entityName } = definition.schema;
  const { entityId } = target;
  if (!store.capabilities.metadata) throw metadataIsNotKept();
  const event = { entityName, entityId, eventName: definition.rollbackName };
  const metadata = metadataOf(context, attribution, event);
  enforcePolicy("required", event, metadata);

  const plan = await planRollback(context, { ...target, ...options });
  assertAllKnown(context, plan);
  const actualVersion = plan.events.length;
  // A preview names the version that it was made at.
  const expectedVersion = target.expectedVersion ?? target.version ?? actualVersion;
  if (expectedVersion !== actualVersion) {
    throw new ConcurrencyError({ entityName, entityId, expectedVersion, actualVersion });
  }
  if (plan.irreversible.length > 0) {
    throw new IrreversibleError({ entityName, entityId, toVersion: plan.toVersion, events: plan.irreversible });
  }
  const last = plan.events.at(-1) as CommittedEvent;
  const createdAt = Math.max(definition.now().getTime(), timeOf(last) ?? Number.NEGATIVE_INFINITY);
  const eventId = definition.generateId("eventId");
  const commit: EntityCommit = {
    entityName,
    entityId,
    expectedVersion,
    expectedEventId: last.eventId,
    events: [
      {
        eventId,
        eventName: definition.rollbackName,
        eventCreatedAt: formatInstant(createdAt),
        body: { toVersion: plan.toVersion },
        metadata,
        bodyIsOutput: true,
      },
    ],
    idempotencyKey: attribution.idempotencyKey,
  };
  const joined = store.join(options);
  const [appended] = await store.append([commit], [plan.core.state], options);
  const outcome = appended as AppendOutcome;
  // Under an idempotency key another commit may have been stored: its state is not ours, and whoever stored it has told of it.
  if (outcome.events.at(-1)?.eventId !== eventId) return commitResult(outcome);
  const { version } = outcome;
  // Loads after a rollback must go back below it: a snapshot spares them that.
  const isSnapshotDue = context.snapshotFrequency !== undefined;
  const captured = { state: plan.core.state, version, eventId, isSnapshotDue };
  const follow = () => afterCommit(context, { entityName, entityId }, outcome, captured);
  if (joined === undefined) await follow();
  else if (joined !== "application") joined.onEnd((tookEffect) => (tookEffect(eventId) ? follow() : undefined));
  return commitResult(outcome);
}

/**
 * The commit that an idempotency key stands for, provided that it was a rollback.
 *
 * @throws {IdempotencyMismatchError}
 */
export function assertRollback(
  { definition }: RepositoryContext,
  entityId: string,
  known: CommitResult<CommittedEvent>,
  { idempotencyKey = "" }: CommitAttribution,
): CommitResult<CommittedEvent> {
  if (known.events.length === 1 && known.events[0]?.eventName === definition.rollbackName) return known;
  throw new IdempotencyMismatchError({ entityName: definition.schema.entityName, entityId, idempotencyKey });
}
