/**
 * Every code that an error of ours may carry. Codes are stable: they are added, never renamed. `docs/reference/errors.md` is this list with cause
 * and cure; a test compares the two.
 */
export const errorCodes = [
  // Values that a caller hands in.
  "event_name_missing",
  "event_not_declared",
  "invalid_event",
  "invalid_state",
  "invalid_text",
  "invalid_instant",
  "invalid_version",
  "invalid_option",
  "reserved_name",
  "reserved_metadata",
  "invalid_metadata",
  "async_validator",
  "not_json",
  "unstable_body",
  "body_too_large",
  // Entities.
  "entity_not_initialized",
  "readonly_entity",
  "queue_overflow",
  "entity_busy",
  "mutation_settled",
  "dispatch_in_reducer",
  "wrong_entity",
  "duplicate_entity",
  "duplicate_event_id",
  // Repositories.
  "attribution_missing",
  "entity_not_found",
  "entity_exists",
  "entity_erased",
  "concurrency_conflict",
  "corrupt_retry",
  "idempotency_mismatch",
  "commit_outcome_unknown",
  "irreversible_event",
  "preview_outdated",
  "invalid_migration",
  "rollback_out_of_order",
  "legacy_stream",
  // Stores.
  "unsupported",
  "cursor_ahead",
  "schema_missing",
  "stale_build",
  "store_closed",
  "import_conflict",
  "transaction_open",
  "transaction_ended",
  "transaction_mismatch",
  "transaction_timeout",
  "transaction_aborted",
  "database_busy",
  "driver_error",
  // Warnings: handed to `onWarning`; the checks of development are thrown where `checks` is "throw".
  "plugin_failed",
  "plugin_slow",
  "snapshot_failed",
  "snapshot_unfaithful",
  "reducer_mutates",
  "reducer_not_deterministic",
  "durability_reduced",
] as const;

/** A stable identifier of what went wrong. */
export type ErrorCode = (typeof errorCodes)[number];

/** The codes of errors after which the same call may succeed when it is made again. */
export const retryableCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "entity_busy",
  "concurrency_conflict",
  "commit_outcome_unknown",
  "transaction_timeout",
  "transaction_aborted",
  "database_busy",
]);
