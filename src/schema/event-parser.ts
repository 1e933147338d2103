import { ValidationError, type ValidationFacts, type ValidationIssue } from "../errors/index.ts";
import { checkIdentifier } from "../util/text.ts";
import { reserved } from "./define-schema.ts";
import { type BaseEventType, envelopeOf } from "./event.ts";
import { type Checked, check, describeIssues, type StandardSchemaV1 } from "./standard-schema.ts";

/** Checks the body of an event; what it finds has the event's path in front, `["body", ...]`. */
export type BodyReader = (event: Partial<BaseEventType>) => Checked<unknown>;

/** What {@link eventParser} is made of. */
export interface EventParserOptions {
  readonly entityName: string;
  /** How to read the body of each event, by full name. */
  readonly readers: ReadonlyMap<string, BodyReader>;
  /** What the readers were made of. */
  readonly events: { readonly [name: string]: StandardSchemaV1 };
  readonly state: StandardSchemaV1;
  readonly namespaceSeparator: string;
}

/** Where a schema keeps what it was made of, for what must tell two of them apart. */
export const schemasOf: unique symbol = Symbol.for("ventyd.schemas") as never;

/**
 * The parsing half of a schema. The envelope is checked here, by hand, and taken from the input: no user's schema can strip or change it.
 *
 * @throws {ValidationError} `reserved_name` or `invalid_text` for the name of an event; `invalid_option` for what is no Standard Schema.
 */
export function eventParser({ entityName, readers, events, state, namespaceSeparator }: EventParserOptions) {
  for (const eventName of readers.keys()) checkEventName(eventName, entityName + namespaceSeparator);
  for (const [name, schema] of Object.entries(events)) checkSchema(schema, `the event "${name}"`);
  checkSchema(state, "the state");
  const available = () => `Available events: ${[...readers.keys()].join(", ")}`;

  function parse(eventName: string, input: Partial<BaseEventType>, readBody: BodyReader): BaseEventType {
    const body = readBody(input);
    const envelope = checkEnvelope(eventName, input);
    if ("value" in body && envelope.length === 0) return envelopeOf(input as BaseEventType, body.value);
    const found = "issues" in body ? body.issues : [];
    // What the user's schema has already said of a key is not said twice.
    const issues = [...envelope.filter(({ path }) => !found.some((it) => it.path[0] === path[0])), ...found];
    throw new ValidationError("invalid_event", describeIssues(`Validation failed: "${eventName}"`, issues), {
      ...factsOf(eventName, input),
      issues,
    });
  }

  return {
    namespaceSeparator,
    eventNames: [...readers.keys()],
    [schemasOf]: { state, events },
    parseEvent(input: unknown): never {
      const eventName = isObject(input) ? input.eventName : undefined;
      if (typeof eventName !== "string" || eventName === "") {
        throw new ValidationError("event_name_missing", "Validation failed: eventName is missing");
      }
      const readBody = readers.get(eventName);
      if (readBody === undefined) {
        throw new ValidationError(
          "event_not_declared",
          `Validation failed: event "${eventName}" is not declared. ${available()}`,
          factsOf(eventName, input as object),
        );
      }
      return parse(eventName, input as object, readBody) as never;
    },
    parseEventByName(eventName: string, input: unknown): never {
      const readBody = readers.get(eventName);
      if (readBody === undefined) {
        throw new ValidationError("event_not_declared", `Event name "${eventName}" not found. ${available()}`, {
          eventName,
        });
      }
      return parse(eventName, isObject(input) ? input : {}, readBody) as never;
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

function checkEventName(eventName: string, prefix: string): void {
  const shortName = eventName.startsWith(prefix) ? eventName.slice(prefix.length) : eventName;
  if (shortName.startsWith("$")) reserved(shortName);
  checkIdentifier(eventName, `the event name ${JSON.stringify(eventName)}`);
}

/** Told when it is declared: the first event may be dispatched much later. */
function checkSchema(schema: Partial<StandardSchemaV1> | undefined, what: string): void {
  if (typeof schema?.["~standard"]?.validate === "function") return;
  throw new ValidationError(
    "invalid_option",
    `Invalid option: the schema of ${what} is no Standard Schema. For TypeBox, call standardSchema() of "ventyd/typebox" on it.`,
  );
}

function isObject(value: unknown): value is Partial<BaseEventType> {
  return typeof value === "object" && value !== null;
}

/** What an error says about the event, as far as the event knows. */
function factsOf(eventName: string, event: Partial<BaseEventType>): ValidationFacts {
  const { eventId, entityName, entityId, version } = event;
  return { eventName, eventId, entityName, entityId, version };
}

const textKeys = ["eventId", "eventCreatedAt", "entityId", "entityName"] as const;

function checkEnvelope(eventName: string, event: Partial<BaseEventType>): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  for (const key of textKeys) {
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
