export { type ErrorCode, errorCodes, retryableCodes } from "./codes.ts";
export { EntityBusyError, EntityErasedError, QueueOverflowError, ReadonlyEntityError } from "./entity-errors.ts";
export {
  AttributionError,
  CommitOutcomeUnknownError,
  ConcurrencyError,
  EntityExistsError,
  EntityNotFoundError,
  IdempotencyMismatchError,
  IrreversibleError,
} from "./repository-errors.ts";
export { CursorAheadError, StaleBuildError, UnsupportedError } from "./store-errors.ts";
export { SerializationError, ValidationError, type ValidationFacts, type ValidationIssue } from "./value-errors.ts";
export { VentydError } from "./ventyd-error.ts";
