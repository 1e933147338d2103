import type { ErrorCode } from "./codes.ts";
import { VentydError } from "./ventyd-error.ts";

/** A commit lacks the actor or the reason that the repository's attribution policy asks for. Nothing was written, the entity keeps its events. */
export class AttributionError extends VentydError {
  static override readonly className: string = "AttributionError";

  readonly entityName: string;
  readonly entityId: string;
  readonly eventName: string;
  readonly missing: readonly ("actor" | "reason")[];

  constructor(facts: {
    entityName: string;
    entityId: string;
    eventName: string;
    missing: readonly ("actor" | "reason")[];
  }) {
    super(
      "attribution_missing",
      `Attribution is missing: "${facts.eventName}" of ${facts.entityName} "${facts.entityId}" has no ${facts.missing.join(" and no ")}. ` +
        `Pass { ${facts.missing.join(", ")} } with the call, or run it inside withAttribution().`,
    );
    this.entityName = facts.entityName;
    this.entityId = facts.entityId;
    this.eventName = facts.eventName;
    this.missing = facts.missing;
  }
}

/** No event is stored for this entity. */
export class EntityNotFoundError extends VentydError {
  static override readonly className: string = "EntityNotFoundError";

  readonly entityName: string;
  readonly entityId: string;

  /** @param asked which point of its past was asked for, as words. */
  constructor({ entityName, entityId }: { readonly entityName: string; readonly entityId: string }, asked = "") {
    super(
      "entity_not_found",
      `Entity not found: no event of ${entityName} "${entityId}" is stored${asked}. Check the id, or create the entity first.`,
    );
    this.entityName = entityName;
    this.entityId = entityId;
  }
}

/** What a refused commit knows about its entity. */
export interface ConcurrencyFacts {
  readonly entityName: string;
  readonly entityId: string;
  /** The version that the commit was based on; 0 for an entity that must not exist yet. */
  readonly expectedVersion: number;
  /** The version that is stored. */
  readonly actualVersion: number;
  /** True when the commit belonged to a transaction: what was read in it is out of date, so all of it must be done again. */
  readonly inTransaction?: boolean | undefined;
  /**
   * True when the database has given up the transaction that the commit belonged to, for what others did at the same time: nothing more can be done in it. What
   * they stored cannot be seen there; `actualVersion` is the version that the commit was based on.
   */
  readonly transactionAborted?: boolean | undefined;
}

/** Somebody else changed the entity since it was loaded. Nothing was written: load it again, decide again, commit again. */
export class ConcurrencyError extends VentydError implements ConcurrencyFacts {
  static override readonly className: string = "ConcurrencyError";

  readonly entityName: string;
  readonly entityId: string;
  readonly expectedVersion: number;
  readonly actualVersion: number;
  readonly inTransaction: boolean;
  readonly transactionAborted: boolean;

  constructor(
    facts: ConcurrencyFacts,
    refusal: { readonly code: ErrorCode; readonly message: string } = conflict(facts),
  ) {
    super(refusal.code, refusal.message);
    this.entityName = facts.entityName;
    this.entityId = facts.entityId;
    this.expectedVersion = facts.expectedVersion;
    this.actualVersion = facts.actualVersion;
    this.inTransaction = facts.inTransaction ?? false;
    this.transactionAborted = facts.transactionAborted ?? false;
  }
}

function conflict(facts: ConcurrencyFacts) {
  const { entityName, entityId, expectedVersion, actualVersion, inTransaction, transactionAborted } = facts;
  const happened =
    transactionAborted === true
      ? `others changed what the commit of ${entityName} "${entityId}", based on version ${expectedVersion}, needed, and the database has given up its transaction. `
      : `${entityName} "${entityId}" is at version ${actualVersion}, the commit was based on version ${expectedVersion}. `;
  return {
    code: "concurrency_conflict" as const,
    message:
      `Concurrent change: ${happened}` +
      (inTransaction === true
        ? "Abort the transaction and run all of it again."
        : "Load it again and repeat the change, or use mutate(), which does; a preview must be made again."),
  };
}

/** An entity was to be created under an id that is taken. Nothing was written. */
export class EntityExistsError extends ConcurrencyError {
  static override readonly className: string = "EntityExistsError";

  constructor(facts: ConcurrencyFacts) {
    super(facts, {
      code: "entity_exists",
      message:
        `Entity exists: ${facts.entityName} "${facts.entityId}" is already stored, at version ${facts.actualVersion}. ` +
        "Choose another id, or load it and change it.",
    });
  }
}

/** A rollback would undo an event that its schema declares irreversible. Nothing was written. */
export class IrreversibleError extends VentydError {
  static override readonly className: string = "IrreversibleError";

  readonly entityName: string;
  readonly entityId: string;
  readonly toVersion: number;
  /** The irreversible events that the rollback would undo. */
  readonly events: readonly { readonly eventName: string; readonly eventId: string; readonly version: number }[];

  constructor(facts: Pick<IrreversibleError, "entityName" | "entityId" | "toVersion" | "events">) {
    const named = facts.events.map((event) => `"${event.eventName}" (version ${event.version})`).join(", ");
    super(
      "irreversible_event",
      `Rollback refused: taking ${facts.entityName} "${facts.entityId}" to version ${facts.toVersion} would undo ${named}, declared irreversible. ` +
        "Record what makes up for it as an event of its own.",
    );
    this.entityName = facts.entityName;
    this.entityId = facts.entityId;
    this.toVersion = facts.toVersion;
    this.events = facts.events;
  }
}

/** An idempotency key was used before for this entity, with other events. Nothing was written. */
export class IdempotencyMismatchError extends VentydError {
  static override readonly className: string = "IdempotencyMismatchError";

  readonly entityName: string;
  readonly entityId: string;
  readonly idempotencyKey: string;

  constructor(facts: Pick<IdempotencyMismatchError, "entityName" | "entityId" | "idempotencyKey">) {
    super(
      "idempotency_mismatch",
      `Idempotency key reused: "${facts.idempotencyKey}" already stands for other events of ${facts.entityName} "${facts.entityId}". ` +
        "Use a new key for a new command.",
    );
    this.entityName = facts.entityName;
    this.entityId = facts.entityId;
    this.idempotencyKey = facts.idempotencyKey;
  }
}

/**
 * The connection broke during a commit and the store could not be asked whether the events were written.
 * The entities keep their events and ids: committing them again settles the matter, without writing anything twice.
 */
export class CommitOutcomeUnknownError extends VentydError {
  static override readonly className: string = "CommitOutcomeUnknownError";

  constructor(message: string, options: { readonly cause: unknown }) {
    super("commit_outcome_unknown", message, options);
  }
}
