export {
  appendCommits,
  type InsertAt,
  type LogAccess,
  type StreamEnd,
  type StreamName,
  type WorkResult,
} from "./append-commits.ts";
export { checkCommits, checkOrder, checkWhole } from "./check-commits.ts";
export { type Committer, offerCommitter } from "./committer.ts";
export { type EncodedCommit, type EncodedEvent, encodeCommit } from "./encode-commit.ts";
export { checkErasure, eraseEntity, erasureResult } from "./erase.ts";
export { importEvents } from "./import-events.ts";
export { type PageQuery, readLog, type Span } from "./read-log.ts";
export { acceptedRows } from "./refusal.ts";
export { assertOutside, runTransaction, type TransactionSteps } from "./run-transaction.ts";
export { StoreBase } from "./store-base.ts";
export { type EventRow, erasedMetadataText, insertedEvent, toStoredEvent } from "./stored-event.ts";
export { subscribe } from "./subscribe.ts";
export { joinTransaction, OpenTransaction, type StoreTransaction, storeBehind } from "./transaction.ts";
export type {
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
  SubscribeOptions,
  TransactionOption,
} from "./types.ts";
export { type AbortSignalLike, WakeUps } from "./wake-ups.ts";
