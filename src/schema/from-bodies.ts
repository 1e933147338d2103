import { ValidationError, type ValidationFacts, type ValidationIssue } from "../errors/index.ts";
import { checkIdentifier } from "../util/text.ts";
import { reserved } from "./define-schema.ts";
import type { BaseEventType } from "./event.ts";
import { check, describeIssues, type StandardSchemaV1 } from "./standard-schema.ts";

/** What a validator bridge knows: the schema of each event's body by short name, and of the state. */
export interface BodySchemas {
  readonly entityName: string;
  readonly event: { readonly [shortName: string]: StandardSchemaV1 };
  readonly state: StandardSchemaV1;
  readonly namespaceSeparator: string;
}

/**
 * The parsing half of a schema, for bridges that are given bodies. The envelope is checked here, by hand: no user's schema can strip it,
 * and a body schema from another copy or version of the validator works like any other.
 */
export function parseBodies({ entityName, event, state, namespaceSeparator }: BodySchemas) {
  const bodies = new Map<string, StandardSchemaV1>();
  for (const shortName of Object.keys(event)) {
    if (shortName.startsWith("$")) reserved(shortName);
    const eventName = `${entityName}${namespaceSeparator}${shortName}`;
    checkIdentifier(eventName, `the event name ${JSON.stringify(eventName)}`);
    bodies.set(eventName, event[shortName] as StandardSchemaV1);
  }
  const available = () => `Available events: ${[...bodies.keys()].join(", ")}`;

  function parse(eventName: string, input: Partial<BaseEventType>, bodySchema: StandardSchemaV1): BaseEventType {
    const issues = checkEnvelope(eventName, input);
    const body = check(bodySchema, input.body);
    if ("issues" in body)
      issues.push(...body.issues.map(({ path, message }) => ({ message, path: ["body", ...path] })));
    if (issues.length > 0)
      throw new ValidationError("invalid_event", describeIssues(`Validation failed: "${eventName}"`, issues), {
        ...factsOf(eventName, input),
        issues,
      });
    const { eventId, eventCreatedAt, entityId, entityName, version } = input as BaseEventType;
    return {
      eventId,
      eventCreatedAt,
      eventName,
      entityId,
      entityName,
      body: (body as { value: unknown }).value,
      ...(version !== undefined && { version }),
    };
  }

  return {
    namespaceSeparator,
    parseEvent(input: unknown): never {
      const eventName = isObject(input) ? input.eventName : undefined;
      if (typeof eventName !== "string" || eventName === "") {
        throw new ValidationError("event_name_missing", "Validation failed: eventName is missing");
      }
      const bodySchema = bodies.get(eventName);
      if (bodySchema === undefined) {
        throw new ValidationError(
          "event_not_declared",
          `Validation failed: event "${eventName}" is not declared. ${available()}`,
          factsOf(eventName, input as object),
        );
      }
      return parse(eventName, input as object, bodySchema) as never;
    },
    parseEventByName(eventName: string, input: unknown): never {
      const bodySchema = bodies.get(eventName);
      if (bodySchema === undefined) {
        throw new ValidationError("event_not_declared", `Event name "${eventName}" not found. ${available()}`, {
          eventName,
        });
      }
      return parse(eventName, isObject(input) ? input : {}, bodySchema) as never;
    },
    parseState(input: unknown): never {
      const checked = check(state, input);
      if ("value" in checked) return checked.value as never;
      throw new ValidationError("invalid_state", describeIssues("Validation failed", checked.issues), {
        issues: checked.issues,
        entityName,
      });
    },
  };
}

function isObject(value: unknown): value is Partial<BaseEventType> {
  return typeof value === "object" && value !== null;
}

/** What an error says about the event, as far as the event knows. */
function factsOf(eventName: string, event: Partial<BaseEventType>): ValidationFacts {
  const { eventId, entityName, entityId, version } = event;
  return { eventName, eventId, entityName, entityId, version };
}

function checkEnvelope(eventName: string, event: Partial<BaseEventType>): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  for (const key of ["eventId", "eventCreatedAt", "entityId", "entityName"] as const) {
    if (typeof event[key] !== "string")
      issues.push({ path: [key], message: `Expected a string, received ${describe(event[key])}` });
  }
  if (event.eventName !== eventName) {
    issues.push({ path: ["eventName"], message: `Expected "${eventName}", received ${describe(event.eventName)}` });
  }
  // Old data may lack the version, but then the key is absent: `null` would sort and count as 0.
  if (event.version !== undefined && !(Number.isInteger(event.version) && event.version >= 0)) {
    issues.push({ path: ["version"], message: `Expected a whole number, received ${describe(event.version)}` });
  }
  return issues;
}

function describe(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value)
    : value === null || typeof value !== "object"
      ? String(value)
      : "an object";
}
