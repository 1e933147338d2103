export { checkCommits, checkOrder } from "./check-commits.ts";
export { decideAppend, type StreamHead } from "./decide-append.ts";
export { type AcceptedRow, acceptedRows } from "./refusal.ts";
export { commitEvents, getEventsByEntityId } from "./store-as-adapter.ts";
export {
  type JoinedTransaction,
  joinTransaction,
  OpenTransaction,
  type Outcome,
  type StoreTransaction,
} from "./transaction.ts";
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
  TransactionOption,
} from "./types.ts";
