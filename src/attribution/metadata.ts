import { ValidationError } from "../errors/index.ts";
import { assignOwn, type Json, toJson } from "../util/json.ts";
import { checkIdentifier, checkText } from "../util/text.ts";

/** Who did it, why, and what it belongs to. */
export interface Attribution {
  /** Opaque id of the user or system that did it. Blank counts as missing. */
  readonly actor?: string | undefined;
  /** Why, in the actor's own words. Blank counts as missing. */
  readonly reason?: string | undefined;
  /** What it belongs to: a request, a ticket, a batch. Equal for everything that was done together. */
  readonly correlationId?: string | undefined;
  /** The id of the event or command that brought it about. */
  readonly causationId?: string | undefined;
  /** Whatever else is to stand with the event; JSON values under names of your own. */
  readonly metadata?: CustomMetadata | undefined;
}

/** Metadata of the application's own; the names of {@link Attribution}, `onBehalfOf`, `idempotencyKey`, `tenant` and `$...` are reserved. */
export type CustomMetadata = { readonly [name: string]: unknown };

/** What stands beside a stored event: its attribution and the application's own metadata, flat. */
export interface Metadata {
  readonly actor?: string;
  readonly reason?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly [custom: string]: Json | undefined;
}

const attributionKeys = ["actor", "reason", "correlationId", "causationId"] as const;
const reservedNames = new Set<string>([...attributionKeys, "onBehalfOf", "idempotencyKey", "tenant"]);

/**
 * Makes stored metadata of what was said about an event, the most specific first: per key the first that says something wins.
 *
 * @param own what was made of the event's own attribution before; wins over the others.
 * @throws {ValidationError} `reserved_metadata` for a custom name that is ours, `invalid_text` for a text no store could keep.
 * @throws {SerializationError} `not_json` for custom metadata that JSON cannot carry.
 */
export function mergeMetadata(attributions: readonly (Attribution | undefined)[], own: Metadata = {}): Metadata {
  const merged: Record<string, Json> = {};
  for (const key of attributionKeys) {
    const value = own[key] ?? attributions.find((attribution) => !isBlank(attribution?.[key]))?.[key];
    if (value === undefined) continue;
    checkAttribution(key, value);
    merged[key] = value;
  }
  for (const name of Object.keys(own)) if (!Object.hasOwn(merged, name)) assignOwn(merged, name, own[name]);
  for (const custom of attributions.map((attribution) => attribution?.metadata)) {
    if (custom === undefined) continue;
    for (const name of Object.keys(custom)) {
      checkCustomName(name);
      const value = custom[name];
      if (value !== undefined && !Object.hasOwn(merged, name))
        assignOwn(merged, name, toJson(value, `metadata "${name}"`));
    }
  }
  return merged;
}

/** The part of metadata that is ours, and the part that is the application's. */
export function splitMetadata(metadata: Metadata): {
  attribution: Metadata;
  custom: { readonly [name: string]: Json };
} {
  const attribution: Record<string, Json> = {};
  const custom: Record<string, Json> = {};
  for (const [name, value] of Object.entries(metadata) as [string, Json][]) {
    assignOwn((attributionKeys as readonly string[]).includes(name) ? attribution : custom, name, value);
  }
  return { attribution, custom };
}

/**
 * Checks metadata on its way into a store.
 *
 * @throws {ValidationError} `invalid_text`.
 */
export function checkMetadata(metadata: Metadata): void {
  for (const key of attributionKeys) if (metadata[key] !== undefined) checkAttribution(key, metadata[key]);
}

function checkAttribution(key: (typeof attributionKeys)[number], value: unknown): void {
  if (key === "reason") checkText(value, key);
  else checkIdentifier(value, key);
}

/** A blank says nothing: it is as if the key were absent. */
export function isBlank(text: string | undefined): boolean {
  return text === undefined || text === null || (typeof text === "string" && text.trim() === "");
}

export function checkCustomName(name: string): void {
  if (!reservedNames.has(name) && !name.startsWith("$")) return;
  const cure = (attributionKeys as readonly string[]).includes(name)
    ? `Pass ${name} beside metadata, not inside it.`
    : "Choose another name.";
  throw new ValidationError(
    "reserved_metadata",
    `Reserved metadata: "${name}" may not be set by the application. ${cure}`,
  );
}
