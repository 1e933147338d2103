import { handlersOf } from "../entity/define-reducer.ts";
import type { EntityDefinition } from "../entity/entity-core.ts";
import { VentydError } from "../errors/index.ts";
import { schemasOf } from "../schema/event-parser.ts";
import type { LoadQuery, TransactionOption } from "../storage/index.ts";
import { clone } from "../util/clone.ts";
import { isEqual } from "../util/is-equal.ts";
import { toJson } from "../util/json.ts";
import { warn } from "../util/warning.ts";
import type { RepositoryContext } from "./context.ts";
import type { KeptState, SnapshotAccess } from "./repository-store.ts";

/** The newest snapshot that this build can start from, its state as the reducer would have it. */
export async function findSnapshot(
  context: RepositoryContext,
  snapshots: SnapshotAccess,
  { entityName, entityId, version }: LoadQuery,
  options: TransactionOption,
): Promise<KeptState | undefined> {
  const fingerprint = snapshots.isFingerprinted ? await fingerprintOf(context) : "";
  const upTo = version === undefined ? {} : { upToVersion: version };
  const found = await snapshots.find({ entityName, entityId, fingerprint, ...upTo }, options);
  if (found === null) return undefined;
  try {
    // A copy: whoever keeps the snapshot keeps it as it is.
    return { ...found, state: context.definition.schema.parseState(clone(found.state)) };
  } catch {
    // Written by other code, for another schema: the events tell.
    return undefined;
  }
}

/**
 * Keeps a state, provided that it can be got back. Never fails: the events are stored, and a snapshot is never the truth.
 *
 * @param kept the state as it was before anybody could go on changing it.
 */
export async function saveSnapshot(context: RepositoryContext, entityId: string, kept: KeptState): Promise<void> {
  const { definition, store, onWarning } = context;
  const { entityName } = definition.schema;
  const { snapshots } = store;
  if (snapshots === undefined) return;
  try {
    const state = snapshots.isFingerprinted ? toJson(kept.state, "the state") : kept.state;
    if (!comesBack(definition, state, kept.state)) {
      warn(
        onWarning,
        new VentydError(
          "snapshot_unfaithful",
          `Snapshot not saved: the state of ${entityName} "${entityId}" is another one once it has been through JSON and its schema. Declare the schema so that it gives back every part of the state.`,
        ),
      );
      return;
    }
    const fingerprint = snapshots.isFingerprinted ? await fingerprintOf(context) : "";
    await snapshots.save({ entityName, entityId, fingerprint, ...kept, state });
  } catch (error) {
    warn(
      onWarning,
      new VentydError(
        "snapshot_failed",
        `Snapshot not saved: that of ${entityName} "${entityId}" at version ${kept.version} failed. Its events are stored; the cause says what went wrong.`,
        { cause: error },
      ),
    );
  }
}

function comesBack({ schema }: EntityDefinition, kept: unknown, state: unknown): boolean {
  try {
    return isEqual(schema.parseState(clone(kept)), state);
  } catch {
    return false;
  }
}

const fingerprints = new WeakMap<RepositoryContext, Promise<string>>();

/**
 * Tells the code apart that computes states: a snapshot of other code is never read. It sees the names of the events, the JSON Schemas of
 * bodies and state where the validator gives them, the source text of the reducer and of `migrate`, and the `revision`. What these call, what is
 * bound, and transforms inside a schema it does not see: that is what `revision` is for.
 */
function fingerprintOf(context: RepositoryContext): Promise<string> {
  const known = fingerprints.get(context);
  if (known !== undefined) return known;
  const { schema, reducer, revision } = context.definition;
  const { [schemasOf]: declared } = schema as typeof schema & {
    readonly [schemasOf]?: { state: unknown; events: object };
  };
  const schemas = [declared?.state, ...Object.values(declared?.events ?? {})].map(jsonSchemasOf);
  const { trustsOutput } = context.replay;
  const code = [schema.eventNames, schemas, sourceOf(reducer), String(context.migrate), trustsOutput, revision];
  const fingerprint = sha256(JSON.stringify(code));
  fingerprints.set(context, fingerprint);
  return fingerprint;
}

/** The text of a reducer, handler by handler where it was made of them. */
function sourceOf(reducer: EntityDefinition["reducer"] & { readonly [handlersOf]?: object }): string[] {
  const handlers = reducer[handlersOf];
  return handlers === undefined
    ? [String(reducer)]
    : Object.entries(handlers).map(([eventName, handler]) => `${eventName} ${handler}`);
}

/** What a schema takes and what it makes, as the Standard JSON Schema interface gives them. */
function jsonSchemasOf(schema: unknown): unknown[] {
  type Convertible = { "~standard"?: { jsonSchema?: { [side: string]: (options: { target: string }) => unknown } } };
  return ["input", "output"].map((side) => {
    try {
      return (schema as Convertible | undefined)?.["~standard"]?.jsonSchema?.[side]?.({ target: "draft-2020-12" });
    } catch {
      // Not every schema has one on each side: a transform, a date.
      return undefined;
    }
  });
}

async function sha256(text: string): Promise<string> {
  const { crypto, TextEncoder } = globalThis as unknown as {
    crypto: { subtle: { digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer> } };
    TextEncoder: new () => { encode(text: string): Uint8Array };
  };
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
