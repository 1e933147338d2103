import { ValidationError } from "../errors/index.ts";
import type { EventOf } from "./event.ts";
import { type BodyReader, eventParser } from "./event-parser.ts";
import { check, type StandardSchemaV1 } from "./standard-schema.ts";

/** The schema of each event's body, by short name. */
export type Bodies = { readonly [shortName: string]: StandardSchemaV1 };

/** The events that bodies make, by short name; outputs, as reducers see them. */
export type EventsOfBodies<TEntityName extends string, TSeparator extends string, TBodies extends Bodies> = {
  [K in keyof TBodies & string]: EventOf<
    TEntityName,
    `${TEntityName}${TSeparator}${K}`,
    StandardSchemaV1.InferOutput<TBodies[K]>
  >;
};

/** What a validator bridge knows. */
export interface BodySchemas {
  readonly entityName: string;
  readonly event: Bodies;
  readonly state: StandardSchemaV1;
  readonly namespaceSeparator: string;
}

/**
 * The parsing half of a schema, for bridges that are given bodies. A body schema from another copy or version of the validator works like
 * any other.
 *
 * @throws {ValidationError} `reserved_name`, `invalid_text`, or `invalid_option` for two names that could be taken for each other.
 */
export function parseBodies({
  entityName,
  event,
  state,
  namespaceSeparator,
}: BodySchemas): ReturnType<typeof eventParser> {
  const prefix = entityName + namespaceSeparator;
  const readers = new Map<string, BodyReader>();
  for (const shortName of Object.keys(event)) {
    const schema = event[shortName] as StandardSchemaV1;
    readers.set(prefix + shortName, ({ body }) => {
      const checked = check(schema, body);
      if ("value" in checked) return checked;
      return { issues: checked.issues.map(({ path, message }) => ({ message, path: ["body", ...path] })) };
    });
  }
  for (const shortName of Object.keys(event)) {
    if (readers.has(shortName)) {
      throw new ValidationError(
        "invalid_option",
        `Invalid option: "${shortName}" is the short name of one event of ${entityName} and the full name of another, "${shortName.slice(prefix.length)}". Rename one of the two.`,
      );
    }
  }
  return eventParser({ entityName, readers, events: event, state, namespaceSeparator });
}
