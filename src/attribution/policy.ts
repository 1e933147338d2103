import { AttributionError, ValidationError } from "../errors/index.ts";
import type { Metadata } from "./metadata.ts";

/**
 * What every commit must say about itself: `"optional"` nothing, `"actor"` who, `"required"` who and why; a list of event names means
 * that these need a reason and all need an actor.
 */
export type AttributionPolicy<TEventName extends string = string> =
  | "optional"
  | "actor"
  | "required"
  | readonly TEventName[];

/**
 * @param declared full names of the events that there are, where they are known: a name that no event has would guard nothing.
 * @throws {ValidationError} `invalid_option`.
 */
export function checkPolicy(policy: AttributionPolicy, declared?: ReadonlySet<string>): void {
  if (Array.isArray(policy)) {
    const unknown = policy.find((name: string) => declared?.has(name) === false);
    if (unknown === undefined) return;
    throw new ValidationError(
      "invalid_option",
      `Invalid option: attribution names "${unknown}", and no event has that name. Give full names: ${[...(declared ?? [])].join(", ")}.`,
    );
  }
  if (["optional", "actor", "required"].includes(policy as string)) return;
  throw new ValidationError(
    "invalid_option",
    `Invalid option: attribution is ${JSON.stringify(policy)}. Choose "optional", "actor", "required" or a list of event names.`,
  );
}

/** @throws {AttributionError} when the policy asks for more than the metadata says. */
export function enforcePolicy(
  policy: AttributionPolicy,
  event: { readonly entityName: string; readonly entityId: string; readonly eventName: string },
  metadata: Metadata,
): void {
  if (policy === "optional") return;
  const needsReason = policy === "required" || (policy !== "actor" && policy.includes(event.eventName));
  const missing: ("actor" | "reason")[] = [];
  if (metadata.actor === undefined) missing.push("actor");
  if (needsReason && metadata.reason === undefined) missing.push("reason");
  if (missing.length === 0) return;
  const { entityName, entityId, eventName } = event;
  throw new AttributionError({ entityName, entityId, eventName, missing });
}
