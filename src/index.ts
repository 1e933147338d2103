export { bindAttribution, currentAttribution, withAttribution } from "./attribution/attribution.ts";
export type { Attribution, CustomMetadata, Metadata } from "./attribution/metadata.ts";
export { defineReducer, type Reducer, type ReducerHandlers } from "./entity/define-reducer.ts";
export { Entity, type EntityOptions } from "./entity/entity.ts";
export type { DispatchOptions } from "./entity/entity-core.ts";
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
export type { AttributionPolicy } from "./repository/attribution-policy.ts";
export type { Change } from "./repository/changes.ts";
export { createRepository } from "./repository/create-repository.ts";
export type {
  CommitResult,
  CreateResult,
  HistoryArgs,
  HistoryEntry,
  MutateOptions,
  MutateResult,
  PointInTime,
  Repository,
  RepositoryOptions,
  RollbackPreview,
  RollbackTarget,
  StoreRepository,
} from "./repository/types.ts";
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
  InferSchemaFromEntityConstructor,
  InferStateFromSchema,
  WithBodyInputs,
} from "./schema/infer.ts";
export type {
  Adapter,
  CommitRow,
  Durability,
  EntitiesOptions,
  EntityCommit,
  EntitySummary,
  EventStore,
  LoadedEvent,
  LoadQuery,
  NewEvent,
  ReadOptions,
  StoreCapabilities,
  StoreStatus,
  StoreTransaction,
  TransactionOption,
} from "./storage/index.ts";
export type { Json } from "./util/json.ts";
