export { bindAttribution, currentAttribution, withAttribution } from "./attribution/attribution.ts";
export type { Attribution, CustomMetadata, Metadata } from "./attribution/metadata.ts";
export type { AttributionPolicy } from "./attribution/policy.ts";
export { defineEntity } from "./entity/define-entity.ts";
export { defineReducer, type Reducer, type ReducerHandlers } from "./entity/define-reducer.ts";
export { Entity, type EntityOptions } from "./entity/entity.ts";
export type { DispatchOptions } from "./entity/entity-core.ts";
export type {
  DefinedEntity,
  DefinedSchema,
  EntityParts,
  MethodsOf,
  MutationContext,
  Mutations,
} from "./entity/entity-parts.ts";
export { mutation } from "./entity/mutation.ts";
export type {
  CreateArgs,
  Dispatch,
  EntityConstructor,
  EntityConstructorArgs,
  EntityInstance,
  EntityJson,
  MutationMethod,
  ReadonlyEntity,
  SnapshotOf,
  UncommittedEventOf,
} from "./entity/types.ts";
export {
  AttributionError,
  CommitOutcomeUnknownError,
  ConcurrencyError,
  CursorAheadError,
  EntityBusyError,
  EntityErasedError,
  EntityExistsError,
  EntityNotFoundError,
  type ErrorCode,
  IdempotencyMismatchError,
  IrreversibleError,
  QueueOverflowError,
  ReadonlyEntityError,
  SerializationError,
  StaleBuildError,
  UnsupportedError,
  ValidationError,
  type ValidationIssue,
  VentydError,
} from "./errors/index.ts";
export type { Change } from "./repository/changes.ts";
export { createRepository } from "./repository/create-repository.ts";
export type {
  AnyAdapter,
  AttributionOf,
  CreateResult,
  HistoryArgs,
  HistoryEntry,
  MutateOptions,
  MutateResult,
  MutationPreview,
  PlainAbilities,
  Plugin,
  PluginEvent,
  PointInTime,
  PreviewedEvent,
  Repository,
  RepositoryOptions,
  RepositoryOver,
  RollbackPreview,
  RollbackTarget,
  StoreAbilities,
  StorePointInTime,
  StoreRepository,
} from "./repository/types.ts";
export type { Migrate } from "./repository/upcast.ts";
export { defineSchema, type Schema, type SchemaInput } from "./schema/define-schema.ts";
export type { BaseEventType, CommittedEvent, EventOf, StoredEvent } from "./schema/event.ts";
export type {
  InferEntityNameFromSchema,
  InferEventBodyFromSchema,
  InferEventFromSchema,
  InferEventInputFromSchema,
  InferEventNameFromSchema,
  InferInitialEventBodyFromSchema,
  InferInitialEventNameFromSchema,
  InferInitialEventNamesFromSchema,
  InferMetadataInputFromSchema,
  InferSchemaFromEntityConstructor,
  InferStateFromSchema,
  WithBodyInputs,
} from "./schema/infer.ts";
export type {
  AbortSignalLike,
  Adapter,
  CommitOptions,
  CommitResult,
  CommitRow,
  CommittableEntity,
  Durability,
  EntitiesOptions,
  EntityCommit,
  EntitySummary,
  EraseArgs,
  EventStore,
  FrontierHolder,
  ImportedEvent,
  ImportResult,
  LoadedEvent,
  LoadQuery,
  NewEvent,
  ReadOptions,
  StoreCapabilities,
  StoreStatus,
  StoreTransaction,
  SubscribeOptions,
  TransactionOption,
} from "./storage/index.ts";
export type { Json } from "./util/json.ts";
export type { OnWarning } from "./util/warning.ts";
