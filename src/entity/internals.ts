import type { EntityCore, EntityDefinition } from "./entity-core.ts";

/** Where entities, and their classes, keep what the library alone needs; the same symbol in every installed copy of the package. */
export const internals: unique symbol = Symbol.for("ventyd.internals") as never;

/** By which a repository that creates an entity says who is told of warnings. */
export const warnings: unique symbol = Symbol.for("ventyd.warnings") as never;

/** The working part of an entity. */
export function coreOf(entity: object): EntityCore {
  return (entity as { readonly [internals]: EntityCore })[internals];
}

/** What the entities of a class have in common. */
export function definitionOf(entityClass: object): EntityDefinition {
  return (entityClass as { readonly [internals]: EntityDefinition })[internals];
}
