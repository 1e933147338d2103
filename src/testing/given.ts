import type { EntityConstructorArgs } from "../entity/types.ts";
import type { InferEventInputsFromSchema, InferStateFromSchema } from "../schema/infer.ts";
import { type GivenEvent, type GivenEventObject, madeUpEvents } from "./made-up-events.ts";
import { type Attempt, checkError, checkEvents, checkState, type ExpectedError } from "./outcome.ts";

/** A class of entities, made by `Entity()`, by extending it, or by `defineEntity()`. */
type EntityClass<TEntity, TSchema> = {
  readonly schema: TSchema;
  new (args: EntityConstructorArgs<TSchema>): TEntity;
};

/** An event by its full name and its body, as `dispatch` takes them. */
export type EventPair<TBodies> = {
  [TEventName in keyof TBodies]: readonly [eventName: TEventName, body: TBodies[TEventName]];
}[keyof TBodies];

/** An entity with a past. */
export interface Given<TEntity, TSchema> {
  /** Adds what happened before: `["post:created", { title: "Hello" }]`, or an event as an object, such as a rollback or a stored event. */
  events(
    ...events: readonly (EventPair<InferEventInputsFromSchema<TSchema>> | GivenEventObject)[]
  ): Given<TEntity, TSchema>;
  /**
   * What is tested: calls mutations of the entity, or returns a new entity. Runs at once.
   *
   * @throws what the schema or the reducer says about the events before; what `act` throws is left to `thenError`.
   */
  when<TResult>(act: (entity: TEntity) => TResult): OutcomeOf<TResult, TSchema>;
  /** The state that the events alone make; deeply equal. */
  thenState(state: InferStateFromSchema<TSchema>): Outcome<TSchema>;
}

/** A `when` that throws always has the result `never`, and is no promise. */
type OutcomeOf<TResult, TSchema> = [TResult] extends [never]
  ? Outcome<TSchema>
  : TResult extends PromiseLike<unknown>
    ? AsyncOutcome<TSchema>
    : Outcome<TSchema>;

/** What became of it. Every check throws an `AssertionError` with `actual`, `expected` and the differences by path. */
export interface Outcome<TSchema> {
  /** Exactly these events wait for their commit, in this order. Bodies may be given as they are dispatched or as they are stored. */
  thenEvents(...events: readonly EventPair<InferEventInputsFromSchema<TSchema>>[]): Outcome<TSchema>;
  /** The state is deeply equal to this one; keys with the value `undefined` count as absent. */
  thenState(state: InferStateFromSchema<TSchema>): Outcome<TSchema>;
  /**
   * This error was thrown, and no event was left behind: by its `code` or whole message, its class, a pattern of its message, or a function
   * that returns true for it. Checks after it look at the entity as it was before.
   */
  thenError(error: ExpectedError): Outcome<TSchema>;
}

/** What became of it, once it is done: await the last check. */
export interface AsyncOutcome<TSchema> extends Promise<void> {
  /** As in {@link Outcome}. */
  thenEvents(...events: readonly EventPair<InferEventInputsFromSchema<TSchema>>[]): AsyncOutcome<TSchema>;
  /** As in {@link Outcome}. */
  thenState(state: InferStateFromSchema<TSchema>): AsyncOutcome<TSchema>;
  /** As in {@link Outcome}. */
  thenError(error: ExpectedError): AsyncOutcome<TSchema>;
}

/**
 * Tests an entity: given what happened, when something is done, then these events, this state or this error. Works in every test runner,
 * stores nothing and needs no database.
 *
 * @example
 * given(Post)
 *   .events(["post:created", { title: "Hello" }])
 *   .when((post) => post.approve("LGTM"))
 *   .thenEvents(["post:approved", { comment: "LGTM" }])
 *   .thenState({ title: "Hello", status: "approved" });
 */
export function given<TEntity extends object, TSchema>(
  entityClass: EntityClass<TEntity, TSchema>,
): Given<TEntity, TSchema> {
  return givenEvents(entityClass as never, []) as unknown as Given<TEntity, TSchema>;
}

type AnyEntityClass = EntityClass<object, { readonly entityName: string }>;
type Check = (attempt: Attempt) => Attempt;

function givenEvents(entityClass: AnyEntityClass, before: readonly GivenEvent[]) {
  const when = (act: (entity: object) => unknown) => {
    const past = madeUpEvents(entityClass.schema.entityName, before);
    const entity = new entityClass({ type: "loadFromEvents", ...past });
    const succeeded = (result: unknown): Attempt => ({
      entity: result instanceof entityClass ? result : entity,
      failure: undefined,
    });
    const failed = (error: unknown): Attempt => ({ entity, failure: { error } });
    let result: unknown;
    try {
      result = act(entity);
    } catch (error) {
      return outcome(failed(error));
    }
    return isPromise(result) ? asyncOutcome(result.then(succeeded, failed)) : outcome(succeeded(result));
  };
  return {
    events: (...events: readonly GivenEvent[]) => givenEvents(entityClass, [...before, ...events]),
    when,
    thenState: (state: unknown) => when(() => {}).thenState(state),
  };
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

function checks<TOutcome>(follow: (check: Check) => TOutcome) {
  return {
    thenEvents: (...events: readonly (readonly [unknown, unknown])[]) =>
      follow((attempt) => checkEvents(attempt, events)),
    thenState: (state: unknown) => follow((attempt) => checkState(attempt, state)),
    thenError: (error: ExpectedError) => follow((attempt) => checkError(attempt, error)),
  };
}

type Checks<TOutcome> = ReturnType<typeof checks<TOutcome>>;
interface SyncChecks extends Checks<SyncChecks> {}
interface AsyncChecks extends Promise<void>, Checks<AsyncChecks> {}

function outcome(attempt: Attempt): SyncChecks {
  return checks((check) => outcome(check(attempt)));
}

/** A promise with the checks as methods: a check that nobody awaits is an unhandled rejection, which every runner reports. */
function asyncOutcome(attempt: Promise<Attempt>): AsyncChecks {
  const done = attempt.then(() => {});
  return Object.assign(
    done,
    // By way of `done`: a rejection that the next check passes on must not count as unhandled here.
    checks((check) => asyncOutcome(done.then(() => attempt).then(check))),
  );
}
