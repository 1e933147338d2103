/**
 * Every code that an error of ours may carry, and whether the same call may succeed when it is made again.
 * Codes are stable: they are added, never renamed. `docs/reference/errors.md` is this table with cause and cure; a test compares the two.
 */
export const retryableByCode = {
  // Values that a caller hands in.
  event_name_missing: false,
  event_not_declared: false,
  invalid_event: false,
  invalid_state: false,
  invalid_text: false,
  invalid_instant: false,
  invalid_version: false,
  invalid_option: false,
  reserved_name: false,
  reserved_metadata: false,
  invalid_metadata: false,
  async_validator: false,
  not_json: false,
  unstable_body: false,
  body_too_large: false,
  // Entities.
  entity_not_initialized: false,
  readonly_entity: false,
  queue_overflow: false,
  entity_busy: true,
  mutation_settled: false,
  dispatch_in_reducer: false,
  wrong_entity: false,
  duplicate_entity: false,
  duplicate_event_id: false,
  // Repositories.
  attribution_missing: false,
  entity_not_found: false,
  entity_exists: false,
  entity_erased: false,
  concurrency_conflict: true,
  corrupt_retry: false,
  idempotency_mismatch: false,
  commit_outcome_unknown: true,
  irreversible_event: false,
  preview_outdated: false,
  invalid_migration: false,
  rollback_out_of_order: false,
  legacy_stream: false,
  // Stores.
  unsupported: false,
  cursor_ahead: false,
  schema_missing: false,
  stale_build: false,
  store_closed: false,
  import_conflict: false,
  transaction_open: false,
  transaction_ended: false,
  transaction_mismatch: false,
  transaction_timeout: true,
  database_busy: true,
  driver_error: false,
  // Warnings: handed to `onWarning`; the checks of development are thrown where `checks` is "throw".
  plugin_failed: false,
  plugin_slow: false,
  snapshot_failed: false,
  snapshot_unfaithful: false,
  reducer_mutates: false,
  reducer_not_deterministic: false,
  durability_reduced: false,
} as const;

/** A stable identifier of what went wrong. */
export type ErrorCode = keyof typeof retryableByCode;
