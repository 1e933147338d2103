import { ValidationError } from "../errors/index.ts";
import { type BaseEventType, envelopeOf } from "../schema/event.ts";
import { clone } from "../util/clone.ts";

/** Turns a stored event into what it is called and looks like today: an event, `null` to drop it, or several that it is split into. */
export type Migrate = (event: BaseEventType) => BaseEventType | readonly BaseEventType[] | null;

/**
 * The events that a stored event stands for today. They share its id, version and entity: what is stored stays what happened, and `migrate` only
 * says how to read it.
 *
 * @throws {ValidationError} `invalid_migration`.
 */
export function upcast(stored: BaseEventType, migrate: Migrate): readonly BaseEventType[] {
  // A copy: `migrate` may write into what it is given.
  const answer: unknown = migrate(envelopeOf(stored, clone(stored.body)));
  if (answer === null) return [];
  const events = (Array.isArray(answer) ? answer : [answer]) as readonly BaseEventType[];
  for (const event of events) {
    const problem = problemOf(stored, event);
    if (problem !== undefined) refuse(stored, problem);
  }
  return events.map((event) => envelopeOf(event, event.body));
}

function problemOf(stored: BaseEventType, event: unknown): string | undefined {
  if (typeof event !== "object" || event === null) return `returned ${event === null ? "null" : typeof event}`;
  if (typeof (event as { then?: unknown }).then === "function") return "returned a promise";
  for (const key of ["eventId", "entityName", "entityId", "version"] as const) {
    if ((event as BaseEventType)[key] !== stored[key]) return `changed ${key}`;
  }
  return undefined;
}

function refuse({ eventName, eventId, entityName, entityId, version }: BaseEventType, problem: string): never {
  throw new ValidationError(
    "invalid_migration",
    `Invalid migration: for "${eventName}" (version ${version}) of ${entityName} "${entityId}" migrate ${problem}. ` +
      "Return the event with another name or body, null to drop it, or an array of such events; synchronously.",
    { eventName, eventId, entityName, entityId, version },
  );
}
