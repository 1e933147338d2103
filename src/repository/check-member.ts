import type { EntityCore } from "../entity/entity-core.ts";
import { ValidationError } from "../errors/index.ts";
import type { RepositoryContext } from "./context.ts";

/**
 * Checks that a repository may commit an entity.
 *
 * @throws {ValidationError} `wrong_entity`.
 * @throws {ReadonlyEntityError}
 * @throws {StaleBuildError}
 */
export function checkMember(
  { definition, store }: RepositoryContext,
  core: EntityCore | undefined,
): asserts core is EntityCore {
  if (core?.definition !== definition) {
    throw new ValidationError(
      "wrong_entity",
      `Wrong entity: this repository commits entities of its own class of "${definition.schema.entityName}". Use the repository that was made with the entity's class.`,
    );
  }
  if (core.home !== undefined && core.home !== store.identity) {
    throw new ValidationError(
      "wrong_entity",
      `Wrong entity: ${core.entityName} "${core.entityId}" belongs to another store than this repository. Commit it through a repository over the store that it came from.`,
    );
  }
  core.assertMutable();
}
