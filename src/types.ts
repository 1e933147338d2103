/** The types of the entities, for suites that import `../src/types`. */
export type { EntityConstructor, EntityConstructorArgs } from "./entity/types.ts";
export type { BaseEventType } from "./schema/event.ts";
export type {
  InferEntityNameFromSchema,
  InferEventFromSchema,
  InferStateFromSchema,
} from "./schema/infer.ts";

/** The type of an object's values. */
export type ValueOf<T> = T[keyof T];

/** What a class makes. */
export type ConstructorReturnType<T> = T extends new (...args: never[]) => infer TInstance ? TInstance : never;
