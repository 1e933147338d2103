import { ValidationError, type ValidationIssue } from "../errors/index.ts";
import type { DefaultSchema } from "../schema/define-schema.ts";
import type { BaseEventType } from "../schema/event.ts";
import { describeIssues } from "../schema/standard-schema.ts";
import { fullCopy } from "../util/full-copy.ts";
import { isEqual } from "../util/is-equal.ts";
import { pathOfDifference } from "../util/path-of-difference.ts";
import { type OnWarning, warn } from "../util/warning.ts";

/** What becomes of a reducer's mistakes: nobody looks, somebody is warned, or the dispatch fails. */
export type Checks = "off" | "warn" | "throw";

type Reduce = (state: unknown, event: BaseEventType) => unknown;

/** Runs a reducer, looks at what it did, and returns the new state. */
export type CheckedReduce = (reduce: Reduce, state: unknown, event: BaseEventType, onWarning: OnWarning) => unknown;

/** Enough for every mistake of a reducer; a path may hold an id, and a new one with each event would warn for ever. */
const maxWarnings = 50;

/**
 * The checks of development: a reducer must leave its arguments alone, compute the same again, and make a state that its schema accepts.
 *
 * Only dispatches are checked. A load must never fail or warn over an event that is stored already: old streams need not fit the state
 * schema of today, and nobody who loads one can mend it.
 *
 * @returns `undefined` where nothing is checked, so that it costs nothing.
 * @throws {ValidationError} `invalid_option`.
 */
export function createChecks(schema: DefaultSchema, checks: Checks = defaultChecks()): CheckedReduce | undefined {
  if (checks === "off") return undefined;
  if (checks !== "warn" && checks !== "throw") {
    throw new ValidationError(
      "invalid_option",
      `Invalid option: checks is ${String(checks)}. Choose "off", "warn" or "throw".`,
    );
  }
  const tell = checks === "throw" ? raise : warnOnce();

  return (reduce, state, event, onWarning) => {
    const report: Report = (error) => tell(error, onWarning);
    const copies = fullCopy({ state, event });
    // "throw" shows the reducer a copy: a dispatch that fails must leave the state as it was. "warn" shows it the state itself, and an
    // impure reducer does in development what it does in production.
    const given = checks === "throw" && copies !== undefined ? copies.state : state;
    const next = reduce(given, event);
    const copiedNext = fullCopy({ next });
    if (copies !== undefined) {
      const before = { state: given === state ? copies.state : state, event: copies.event };
      reportMutation(report, before, { state: given, event });
      const again = fullCopy(before);
      if (again !== undefined && copiedNext !== undefined) {
        reportDifference(report, event, copiedNext, () => ({ next: reduce(again.state, again.event) }));
      }
    }
    reportState(report, schema, event, copiedNext === undefined ? next : copiedNext.next);
    return next;
  };
}

/** Off in production, and where nobody would hear a warning. */
function defaultChecks(): Checks {
  try {
    const { process } = globalThis as { process?: { env?: { NODE_ENV?: string } } };
    return process?.env === undefined || process.env.NODE_ENV === "production" ? "off" : "warn";
  } catch {
    // Some runtimes refuse to show the environment to a program without permission.
    return "off";
  }
}

type Report = (error: ValidationError) => void;

function raise(error: ValidationError): never {
  throw error;
}

function warnOnce(): (error: ValidationError, onWarning: OnWarning) => void {
  const told = new Set<string>();
  return (error, onWarning) => {
    const key = JSON.stringify([error.code, error.eventName, error.issues.map(({ path }) => path)]);
    if (told.has(key) || told.size >= maxWarnings) return;
    told.add(key);
    warn(onWarning, error);
  };
}

interface Arguments {
  readonly state: unknown;
  readonly event: BaseEventType;
}

function reportMutation(report: Report, before: Arguments, after: Arguments): void {
  if (isEqual(before, after)) return;
  const path = pathOfDifference(before, after);
  const { entityName, eventName } = before.event;
  report(
    new ValidationError(
      "reducer_mutates",
      `Reducer mutates: the reducer of ${entityName} writes into what it is given, at ${path.join(".")}, when it reduces "${eventName}". Return a new object, such as { ...state }, and leave the old one as it is.`,
      { ...factsOf(before.event), issues: [{ message: "Written into by the reducer", path }] },
    ),
  );
}

function reportDifference(
  report: Report,
  event: BaseEventType,
  first: { next: unknown },
  reduceAgain: () => { next: unknown },
): void {
  let path: ValidationIssue["path"] = ["state"];
  let cause: { cause?: unknown } = {};
  try {
    const second = reduceAgain();
    if (isEqual(first, second)) return;
    path = ["state", ...pathOfDifference(first.next, second.next)];
  } catch (error) {
    cause = { cause: error };
  }
  report(
    new ValidationError(
      "reducer_not_deterministic",
      `Reducer is not deterministic: run twice on the same state and "${event.eventName}", the reducer of ${event.entityName} differs at ${path.join(".")}. Take times, ids and random values from the event, not from the clock.`,
      { ...factsOf(event), ...cause, issues: [{ message: "Not the same when computed again", path }] },
    ),
  );
}

function reportState(report: Report, schema: DefaultSchema, event: BaseEventType, state: unknown): void {
  let issues: readonly ValidationIssue[] = [{ message: "The reducer returned undefined", path: [] }];
  let cause: { cause?: unknown } = {};
  if (state !== undefined) {
    try {
      schema.parseState(state);
      return;
    } catch (error) {
      cause = { cause: error };
      issues = error instanceof ValidationError ? error.issues : [{ message: String(error), path: [] }];
    }
  }
  const header = `Invalid state: the state that the reducer of ${event.entityName} makes of "${event.eventName}" does not fit its schema. Change the reducer, or the schema.`;
  report(new ValidationError("invalid_state", describeIssues(header, issues), { ...factsOf(event), ...cause, issues }));
}

function factsOf({ entityName, entityId, eventName, eventId, version }: BaseEventType) {
  return { entityName, entityId, eventName, eventId, version };
}
