import { type Attribution, type Metadata, mergeMetadata } from "../attribution/metadata.ts";
import {
  EntityBusyError,
  EntityErasedError,
  QueueOverflowError,
  ReadonlyEntityError,
  StaleBuildError,
  ValidationError,
  VentydError,
} from "../errors/index.ts";
import type { DefaultSchema } from "../schema/define-schema.ts";
import { type BaseEventType, envelopeOf, erased, rolledBack } from "../schema/event.ts";
import { lastVersion, timeOf } from "../schema/legacy-stream.ts";
import { clone } from "../util/clone.ts";
import { formatInstant, parseInstant } from "../util/instant.ts";
import { isEqual } from "../util/is-equal.ts";
import { type Json, toJson } from "../util/json.ts";
import { randomId } from "../util/random-id.ts";
import { checkIdentifier } from "../util/text.ts";
import { emitWarning, type OnWarning } from "../util/warning.ts";
import { type CheckedReduce, type Checks, createChecks } from "./checks.ts";
import { withDateHint } from "./date-hint.ts";
import { effectivePath } from "./replay.ts";
import { stableBody } from "./stable-body.ts";

/** What may be said with a single event; wins over what the commit says. */
export interface DispatchOptions extends Attribution {
  readonly eventId?: string | undefined;
  /** When it happened: an ISO 8601 instant, kept as it is given. Default: now, but never before the event before it. */
  readonly eventCreatedAt?: string | undefined;
}

/** Everything that the entities of one class have in common. */
export interface EntityDefinition {
  readonly schema: DefaultSchema;
  readonly reducer: (state: never, event: BaseEventType) => unknown;
  readonly maxQueuedEvents: number;
  readonly generateId: (type: "eventId" | "entityId") => string;
  readonly now: () => Date;
  /** The checks of development; `undefined` where they are off. */
  readonly checkedReduce: CheckedReduce | undefined;
  /** Which build of the reducer computes the states. */
  readonly revision: number;
  /** Full names of the declared events, where the schema says them. */
  readonly declares: ReadonlySet<string> | undefined;
  readonly rollbackName: string;
  readonly erasedName: string;
}

/** Completes what `Entity()` was given. */
export function defineEntityCore(
  schema: DefaultSchema,
  reducer: EntityDefinition["reducer"],
  options: Partial<Pick<EntityDefinition, "maxQueuedEvents" | "generateId" | "now" | "revision">> & {
    readonly checks?: Checks;
  },
): EntityDefinition {
  const { maxQueuedEvents = 10_000, generateId = randomId, now = () => new Date(), revision = 0 } = options;
  checkWholeNumber("maxQueuedEvents", maxQueuedEvents, 1);
  checkWholeNumber("revision", revision, 0);
  const prefix = schema.entityName + schema.namespaceSeparator;
  return {
    schema,
    reducer,
    maxQueuedEvents,
    generateId,
    now,
    checkedReduce: createChecks(schema, options.checks),
    revision,
    declares: schema.eventNames && new Set(schema.eventNames),
    rollbackName: prefix + rolledBack,
    erasedName: prefix + erased,
  };
}

function checkWholeNumber(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new ValidationError(
    "invalid_option",
    `Invalid option: ${name} is ${value}. Give a whole number of at least ${least}.`,
  );
}

/** An event that waits for its commit, in the form in which it will be stored. */
export interface UncommittedEvent {
  readonly event: BaseEventType & { readonly version: number; readonly body: Json };
  /** What was said with the event itself. */
  readonly metadata: Metadata;
  readonly bodyIsOutput: boolean;
  /** The event before it in its entity, where that is known. */
  readonly previousEventId: string | undefined;
}

/** How stored events are read. */
export interface ReplayOptions {
  /** The events of today that a stored event stands for; default: itself. */
  readonly upcast?: ((stored: BaseEventType) => readonly BaseEventType[]) | undefined;
  /** What to do with an event that the schema does not declare; default `"error"`. */
  readonly onUnknownEvent?: "error" | "skip" | undefined;
  /** True when a body that was stored as its schema put it out goes to the reducer as it is stored. */
  readonly trustsOutput?: boolean | undefined;
  /** True when nobody else holds the events: their bodies need not be copied. */
  readonly ownsEvents?: boolean | undefined;
}

/** Who has taken over events whose fate is not known yet: a transaction. */
export interface EventHolder {
  /** Fulfils once it is known. */
  readonly ended: Promise<unknown>;
}

/** What is stored cannot be mended by whoever loads it: the message says which event it is, and what code could read it. */
function atLoad(
  error: ValidationError,
  { entityName, entityId, eventName, eventId, version }: BaseEventType,
): ValidationError {
  const cure =
    error.code === "event_not_declared"
      ? 'Deploy a build that declares it, read it with migrate, or load with onUnknownEvent: "skip".'
      : 'Mend the schema, read it with migrate, or load with loadValidation: "write".';
  const message = `${error.message}\nIt is stored as version ${version} of ${entityName} "${entityId}". ${cure}`;
  const facts = { issues: error.issues, entityName, entityId, eventName, eventId, version, cause: error };
  return new ValidationError(error.code, message, facts);
}

/** A mutation that has begun and not settled. While it is pending, only what it does itself may touch the entity. */
interface OpenMutation {
  readonly outer: OpenMutation | undefined;
  readonly undo: () => void;
  /** True until the function has returned; an asynchronous one goes on after that. */
  onStack: boolean;
  settled: boolean;
}

/**
 * The working part of one entity: its state, its version and the events that are not yet committed.
 *
 * Modes: *idle*; *mutating*, from the start of a mutation until it has returned or its promise has settled. Only an idle entity can be
 * committed. State and version move forward in `dispatch` alone, and back in `OpenMutation.undo` alone; events leave the queue there, or
 * when `acknowledge` is told that they are durable.
 */
export class EntityCore {
  readonly definition: EntityDefinition;
  readonly entityId: string;
  readonly readonly: boolean;
  /** An event of the entity that the schema does not declare, and that was skipped: what the entity looks like is only half the truth. */
  unknownEvent: string | undefined;
  state: unknown = null;
  version = 0;
  /** The store that the entity was loaded from or first committed to. */
  home: object | undefined;
  /** The repository that loaded or committed it. */
  repository: object | undefined;
  /** Is told what the checks of development find. */
  onWarning: OnWarning = emitWarning;
  /** The commit that is under way, and the transaction that it belongs to. */
  commit: { readonly ended: Promise<unknown>; readonly transaction: EventHolder | undefined } | undefined;
  /** True when its last append has failed: it may have been the answer that was lost, and then nobody has been told of its events. */
  isUnanswered = false;
  /** The transaction that has taken over events of the queue. */
  holder: EventHolder | undefined;
  #queue: UncommittedEvent[] = [];
  #queuedIds: Set<string> | undefined;
  readonly #handedOver = new Set<UncommittedEvent>();
  #lastEventId: string | undefined;
  #lastCreatedAt = Number.NEGATIVE_INFINITY;
  #mutation: OpenMutation | undefined;
  #reducing = false;

  constructor(definition: EntityDefinition, entityId: string, readonly = false) {
    this.definition = definition;
    this.entityId = entityId;
    this.readonly = readonly;
  }

  get entityName(): string {
    return this.definition.schema.entityName;
  }

  /** The events that are not known to be durable, oldest first. */
  get queue(): readonly UncommittedEvent[] {
    return this.#queue;
  }

  /** The events that the next commit sends: those that no transaction has taken over. */
  get pending(): readonly UncommittedEvent[] {
    return this.#handedOver.size === 0 ? [...this.#queue] : this.#queue.filter((event) => !this.#handedOver.has(event));
  }

  /** The events are durable. */
  acknowledge(events: readonly UncommittedEvent[]): void {
    // Nearly always they are the head of the queue.
    if (events.every((event, index) => event === this.#queue[index])) {
      this.#queue.splice(0, events.length);
      this.#queuedIds = undefined;
      return;
    }
    const done = new Set(events);
    this.#queue = this.#queue.filter((event) => !done.has(event));
    this.#queuedIds = undefined;
  }

  /** A transaction has taken the events over; at its end it says by `release` what became of them. */
  handOver(events: readonly UncommittedEvent[], holder: EventHolder): void {
    for (const event of events) this.#handedOver.add(event);
    this.holder = holder;
  }

  release(events: readonly UncommittedEvent[], areDurable: boolean): void {
    for (const event of events) this.#handedOver.delete(event);
    if (this.#handedOver.size === 0) this.holder = undefined;
    if (areDurable) this.acknowledge(events);
  }

  /** Starts from a state that is known, instead of from the first event; `last` is the event with that version, where it is at hand. */
  seed(state: unknown, version: number, last?: BaseEventType): void {
    this.state = state;
    this.version = version;
    if (last !== undefined) this.#follow(last);
  }

  #follow(last: BaseEventType): void {
    this.#lastCreatedAt = timeOf(last) ?? this.#lastCreatedAt;
    this.#lastEventId = last.eventId;
  }

  /** The event that the next one will stand on, where it is known. */
  get lastEventId(): string | undefined {
    return this.#lastEventId;
  }

  /**
   * Folds stored events, in the order given. Rollbacks are followed, never shown to the reducer.
   *
   * @returns false when a rollback leads below the seed: start from the first event then.
   * @throws {EntityErasedError}
   */
  replay(events: readonly BaseEventType[], options: ReplayOptions = {}): boolean {
    // Erased together, before anything that can be read.
    if (this.#isErased(events[0]) || this.#isErased(events.at(-1))) throw new EntityErasedError(this);
    const path = effectivePath(events, this.definition.rollbackName, this.version);
    if (path === undefined) return false;
    for (const index of path) {
      const event = events[index] as BaseEventType;
      if (event.eventName !== this.definition.rollbackName) this.#apply(event, options);
    }
    const last = events.at(-1);
    if (last !== undefined) {
      this.version = lastVersion(events) ?? this.version;
      this.#follow(last);
    }
    return true;
  }

  /** Looked for in a set, which is made anew once the queue has lost events: whoever gives ids may give very many. */
  #isQueued(eventId: string): boolean {
    this.#queuedIds ??= new Set();
    for (let index = this.#queuedIds.size; index < this.#queue.length; index++) {
      this.#queuedIds.add((this.#queue[index] as UncommittedEvent).event.eventId);
    }
    return this.#queuedIds.has(eventId);
  }

  #isErased(event: (BaseEventType & { readonly isErased?: boolean }) | undefined): boolean {
    return event !== undefined && (event.isErased === true || event.eventName === this.definition.erasedName);
  }

  #apply(stored: BaseEventType & { readonly bodyIsOutput?: boolean }, options: ReplayOptions): void {
    const { upcast, trustsOutput, ownsEvents } = options;
    // What the schema does not declare, no schema has put out.
    const isTrusted =
      trustsOutput === true && stored.bodyIsOutput === true && this.definition.declares?.has(stored.eventName) === true;
    if (upcast !== undefined) {
      for (const event of upcast(stored)) {
        const isAsStored = event.eventName === stored.eventName && isEqual(event.body, stored.body);
        if (isTrusted && isAsStored) this.state = this.#reduce(event);
        else this.#applyParsed(event, options);
      }
      return;
    }
    // Copies, for the schema and for the reducer: what others hold, and what the schema keeps, is written into by neither.
    const event = envelopeOf(stored, ownsEvents ? stored.body : clone(stored.body));
    if (isTrusted) this.state = this.#reduce(event);
    else this.#applyParsed(event, options);
  }

  /** @param event an object of our own. */
  #applyParsed(event: BaseEventType, { onUnknownEvent }: ReplayOptions): void {
    try {
      event.body = clone(this.definition.schema.parseEvent(event).body);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      if (onUnknownEvent !== "skip" || error.code !== "event_not_declared") throw atLoad(error, event);
      this.unknownEvent = event.eventName;
      return;
    }
    this.state = this.#reduce(event);
  }

  #reduce(event: BaseEventType, state = this.state): unknown {
    this.#reducing = true;
    try {
      return this.definition.reducer(state as never, event);
    } finally {
      this.#reducing = false;
    }
  }

  /** Validates a body once, makes the event, reduces it and queues it; throws with everything as it was. */
  dispatch(eventName: string, body: unknown, options: DispatchOptions = {}): void {
    this.assertMutable();
    if (this.#reducing) {
      throw new VentydError(
        "dispatch_in_reducer",
        `Dispatch inside a reducer: "${eventName}" was dispatched while another event was being reduced. Dispatch both from the mutation.`,
      );
    }
    const { schema, maxQueuedEvents, generateId, checkedReduce } = this.definition;
    if (this.#queue.length - this.#handedOver.size >= maxQueuedEvents)
      throw new QueueOverflowError({ entityName: this.entityName, entityId: this.entityId, maxQueuedEvents });

    const { eventId = generateId("eventId"), eventCreatedAt: givenCreatedAt, ...attribution } = options;
    checkIdentifier(eventId, "eventId");
    if (options.eventId !== undefined && this.#isQueued(eventId)) {
      throw new ValidationError(
        "duplicate_event_id",
        `Duplicate event id: "${eventId}" stands for another event that waits for its commit. Give every event an id of its own.`,
      );
    }
    const metadata = mergeMetadata([attribution]);
    const createdAt =
      givenCreatedAt === undefined
        ? Math.max(this.definition.now().getTime(), this.#lastCreatedAt)
        : parseInstant(givenCreatedAt, "eventCreatedAt");
    const input = toJson(body, `the body of "${eventName}"`);
    const envelope = {
      eventId,
      eventCreatedAt: givenCreatedAt ?? formatInstant(createdAt),
      eventName,
      entityId: this.entityId,
      entityName: this.entityName,
    };
    const version = this.version + 1;
    const parse = (json: Json) => schema.parseEvent({ ...envelope, body: json, version }).body;
    let output: unknown;
    try {
      // The schema gets a copy: what it writes into must not become what is stored.
      output = parse(clone(input));
    } catch (error) {
      throw withDateHint(error, body);
    }
    const { stored, seen, isOutput } = stableBody(eventName, input, output, parse);
    const event = { ...envelope, body: seen, version };
    const state =
      checkedReduce === undefined
        ? this.#reduce(event)
        : checkedReduce((state, event) => this.#reduce(event, state), this.state, event, this.onWarning);

    this.state = state;
    this.version = version;
    this.#lastCreatedAt = createdAt;
    this.#queue.push({
      event: { ...envelope, body: stored, version },
      metadata,
      bodyIsOutput: isOutput,
      previousEventId: this.#lastEventId,
    });
    this.#lastEventId = eventId;
  }

  /**
   * Runs a mutation: all that it dispatches, or nothing. Its `dispatch` works until it has settled.
   *
   * @throws {ReadonlyEntityError} before the body runs; {@link StaleBuildError} where an event was skipped.
   * @throws {EntityBusyError} while an asynchronous mutation is pending.
   */
  mutate<TArgs extends unknown[], TResult>(
    work: (dispatch: (eventName: string, body: unknown, options?: DispatchOptions) => void, ...args: TArgs) => TResult,
    args: TArgs,
  ): TResult {
    this.assertMutable();
    if (this.#mutation !== undefined && !this.#mutation.onStack) throw new EntityBusyError(this);
    const mutation: OpenMutation = { outer: this.#mutation, undo: this.#savepoint(), onStack: true, settled: false };
    this.#mutation = mutation;
    const dispatch = (eventName: string, body: unknown, options?: DispatchOptions) => {
      if (mutation.settled) throw this.#settledError(eventName);
      if (this.#mutation !== mutation) throw new EntityBusyError(this);
      this.dispatch(eventName, body, options);
    };

    let result: TResult;
    try {
      result = work(dispatch, ...args);
    } catch (error) {
      this.#abort(mutation);
      throw error;
    }
    mutation.onStack = false;
    if (typeof (result as { then?: unknown } | null | undefined)?.then !== "function") {
      this.#settle(mutation);
      return result;
    }
    return Promise.resolve(result).then(
      (value) => {
        this.#settle(mutation);
        return value;
      },
      (error: unknown) => {
        this.#abort(mutation);
        throw error;
      },
    ) as TResult;
  }

  /** @throws {ReadonlyEntityError} @throws {StaleBuildError} rules would be checked against half a state. */
  assertMutable(): void {
    if (this.readonly) throw new ReadonlyEntityError(this);
    if (this.unknownEvent === undefined) return;
    throw new StaleBuildError(
      `Stale build: ${this.entityName} "${this.entityId}" has an event "${this.unknownEvent}" that this build does not declare, so it can be looked at and not changed. Deploy a build that declares it.`,
    );
  }

  /** @throws {EntityBusyError} while a mutation is open: a commit would store half of it. */
  assertIdle(): void {
    if (this.#mutation !== undefined) throw new EntityBusyError(this);
  }

  #savepoint(): () => void {
    const { state, version } = this;
    const lastCreatedAt = this.#lastCreatedAt;
    const lastEventId = this.#lastEventId;
    return () => {
      this.state = state;
      this.version = version;
      // By version, not by length: a commit that was under way may have taken events off the head meanwhile.
      while ((this.#queue.at(-1)?.event.version ?? 0) > version) this.#queue.pop();
      this.#queuedIds = undefined;
      this.#lastCreatedAt = lastCreatedAt;
      this.#lastEventId = lastEventId;
    };
  }

  #settle(mutation: OpenMutation): void {
    mutation.settled = true;
    while (this.#mutation?.settled) this.#mutation = this.#mutation.outer;
  }

  #abort(mutation: OpenMutation): void {
    if (mutation.settled) return;
    // A mutation that was begun inside of this one goes with it.
    for (let inner = this.#mutation; inner !== undefined && inner !== mutation; inner = inner.outer)
      inner.settled = true;
    mutation.undo();
    this.#settle(mutation);
  }

  #settledError(eventName: string): VentydError {
    return new VentydError(
      "mutation_settled",
      `Mutation has settled: "${eventName}" was dispatched to ${this.entityName} "${this.entityId}" after its mutation ended. ` +
        "Await everything that the mutation starts before it returns.",
    );
  }
}
