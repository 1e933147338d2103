import type { SqlFailure } from "../dialect.ts";
import { ExecutorFailure } from "../executor-failure.ts";
import { behindFrontier, type TableNames } from "../migrations/postgres.ts";

export function classify(error: unknown, t: TableNames): SqlFailure | undefined {
  if (error instanceof ExecutorFailure) return error.failure;
  const { code, constraint, constraint_name } = (error ?? {}) as {
    code?: unknown;
    constraint?: unknown;
    constraint_name?: unknown;
  };
  const violated = constraint ?? constraint_name;
  switch (code) {
    case "23505":
      if (violated === `${t.prefix}log_pkey`) return "stolen_position";
      return violated === `${t.prefix}log_event_id` || violated === `${t.prefix}log_idempotency_key`
        ? "stored_already"
        : undefined;
    case behindFrontier:
      return "behind_frontier";
    case "55P03":
      return "lock_timeout";
    case "40P01":
      return "deadlock";
    case "40001":
      return "serialization";
    case "42501":
    case "25006":
      return "read_only";
    case "25P01":
      return "no_transaction";
    default:
      return isConnectionLost(error as Error | null, code) ? "connection_lost" : undefined;
  }
}

/** SQLSTATE class 08, what a server says that goes down or comes up, and what sockets and drivers say of a connection that is gone. */
function isConnectionLost(error: Error | null, code: unknown): boolean {
  if (typeof code === "string")
    return /^(08...|57P0[123]|ECONN(RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT|CONNECT_TIMEOUT|CONNECTION_.*)$/.test(code);
  return /^(Connection terminated|Client has encountered a connection error)/.test(error?.message ?? "");
}

/** Whether it is what the server refused and has taken back, whatever the reason; not what a driver says of itself, or of a server that it has lost. */
export function isRefusal(error: unknown, t: TableNames): boolean {
  if (error instanceof ExecutorFailure) return error.failure !== "connection_lost";
  const { code } = (error ?? {}) as { code?: unknown };
  return (
    typeof code === "string" &&
    /^[0-9A-Z]{5}$/.test(code) &&
    code !== "40003" &&
    classify(error, t) !== "connection_lost"
  );
}
