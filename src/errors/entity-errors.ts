import { VentydError } from "./ventyd-error.ts";

interface EntityFacts {
  readonly entityName: string;
  readonly entityId: string;
}

/** A mutation or a commit was asked of an entity that can only be read, such as one loaded at an earlier version. */
export class ReadonlyEntityError extends VentydError {
  static override readonly className: string = "ReadonlyEntityError";

  readonly entityName: string;
  readonly entityId: string;

  constructor({ entityName, entityId }: EntityFacts) {
    super(
      "readonly_entity",
      `Entity is readonly: ${entityName} "${entityId}" was loaded to be looked at. Load it with findOne({ entityId }) to change it.`,
    );
    this.entityName = entityName;
    this.entityId = entityId;
  }
}

/** An asynchronous mutation of the entity is still pending, or a commit of it that this one cannot wait for. */
export class EntityBusyError extends VentydError {
  static override readonly className: string = "EntityBusyError";

  readonly entityName: string;
  readonly entityId: string;

  constructor({ entityName, entityId }: EntityFacts, busyWith: "mutation" | "commit" = "mutation") {
    super(
      "entity_busy",
      busyWith === "mutation"
        ? `Entity is busy: an asynchronous mutation of ${entityName} "${entityId}" has not settled. Await it before the next mutation or commit.`
        : `Entity is busy: a commit of ${entityName} "${entityId}" outside of this transaction has not ended. Await it before the transaction, or load the entity inside.`,
    );
    this.entityName = entityName;
    this.entityId = entityId;
  }
}

/** The entity holds as many uncommitted events as `maxQueuedEvents` allows. The event was not dispatched. */
export class QueueOverflowError extends VentydError {
  static override readonly className: string = "QueueOverflowError";

  readonly entityName: string;
  readonly entityId: string;
  readonly maxQueuedEvents: number;

  constructor({ entityName, entityId, maxQueuedEvents }: EntityFacts & { readonly maxQueuedEvents: number }) {
    super(
      "queue_overflow",
      `Event queue overflow: maximum ${maxQueuedEvents} uncommitted events exceeded. Please commit the entity before dispatching more events.`,
    );
    this.entityName = entityName;
    this.entityId = entityId;
    this.maxQueuedEvents = maxQueuedEvents;
  }
}

/** The entity's bodies were erased; nothing is left to compute a state from. */
export class EntityErasedError extends VentydError {
  static override readonly className: string = "EntityErasedError";

  readonly entityName: string;
  readonly entityId: string;

  constructor({ entityName, entityId }: EntityFacts) {
    super(
      "entity_erased",
      `Entity is erased: the contents of ${entityName} "${entityId}" were erased on request. Its history still names who did what and when.`,
    );
    this.entityName = entityName;
    this.entityId = entityId;
  }
}
