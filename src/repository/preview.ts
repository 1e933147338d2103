import { splitMetadata } from "../attribution/metadata.ts";
import type { EntityCore } from "../entity/entity-core.ts";
import { ConcurrencyError, EntityNotFoundError, ValidationError } from "../errors/index.ts";
import type { TransactionOption } from "../storage/index.ts";
import { isEqual } from "../util/is-equal.ts";
import { compare } from "./changes.ts";
import { type RepositoryContext, streamOf } from "./context.ts";
import { asJson } from "./history.ts";
import { loadCore } from "./load.ts";
import type { MutationPreview } from "./types.ts";

export async function preview(
  context: RepositoryContext,
  args: { readonly entityId: string } & TransactionOption,
  run: (core: EntityCore) => unknown,
): Promise<MutationPreview> {
  const core = await loadCore(context, args);
  if (core === null) throw new EntityNotFoundError(streamOf(context, args.entityId));
  core.assertMutable();
  const { entityName, entityId, version } = core;
  const before = asJson(core);
  await run(core);
  core.assertIdle();
  const after = asJson(core);
  const events = core.pending.map(({ event, metadata }) => {
    const { eventId, eventName, eventCreatedAt, body } = event;
    return { eventId, eventName, eventCreatedAt, body, metadata };
  });
  return { entityName, entityId, version, before, after, changes: compare(before, after), events };
}

/**
 * The entity with the events of a preview dispatched again, at the version that the preview was made at: a commit of it is a conflict where the
 * entity has moved on, and a duplicate where the preview has been committed before.
 *
 * @throws {ValidationError} `preview_outdated`, `wrong_entity`.
 * @throws {ConcurrencyError} the entity has not even reached the version.
 */
export async function coreOfPreview(
  context: RepositoryContext,
  previewed: MutationPreview,
  { transaction }: TransactionOption,
): Promise<EntityCore> {
  const { entityName, entityId, version, events } = previewed;
  if (entityName !== context.definition.schema.entityName) {
    throw new ValidationError(
      "wrong_entity",
      `Wrong entity: the preview is of a ${entityName}, this repository commits those of "${context.definition.schema.entityName}". Use the repository that the preview was made by.`,
    );
  }
  const core = await loadCore(context, { entityId, version, transaction }, { readonly: false });
  if (core === null) {
    const actualVersion = (await loadCore(context, { entityId, transaction }))?.version ?? 0;
    throw new ConcurrencyError({ entityName, entityId, expectedVersion: version, actualVersion });
  }
  if (!isEqual(asJson(core), previewed.before)) throw outdated(previewed);
  for (const { eventId, eventName, eventCreatedAt, body, metadata } of events) {
    const { attribution, custom } = splitMetadata(metadata);
    core.dispatch(eventName, body, { ...attribution, metadata: custom, eventId, eventCreatedAt });
  }
  const isSame =
    isEqual(asJson(core), previewed.after) &&
    core.pending.every(({ event }, index) => isEqual(event.body, events[index]?.body));
  if (!isSame) throw outdated(previewed);
  return core;
}

function outdated({ entityName, entityId, version }: MutationPreview): ValidationError {
  return new ValidationError(
    "preview_outdated",
    `Preview is outdated: its events do not lead ${entityName} "${entityId}" from the state that it shows at version ${version} to the one that it shows after them. The code has changed since, or the preview was: make a new one.`,
    { entityName, entityId, version },
  );
}
