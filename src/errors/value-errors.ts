import type { ErrorCode } from "./codes.ts";
import { VentydError } from "./ventyd-error.ts";

/** One thing that is wrong with a value, and where. */
export interface ValidationIssue {
  readonly message: string;
  /** From the outside in; empty for the value as a whole. */
  readonly path: readonly (string | number)[];
}

/** Which event or entity a {@link ValidationError} is about, as far as it is known. */
export interface ValidationFacts {
  readonly issues?: readonly ValidationIssue[];
  readonly entityName?: string | undefined;
  readonly entityId?: string | undefined;
  readonly eventName?: string | undefined;
  readonly eventId?: string | undefined;
  readonly version?: number | undefined;
  readonly cause?: unknown;
}

/** A value that was handed in, or that was stored, is not what its schema or this library accepts. Nothing was changed. */
export class ValidationError extends VentydError {
  static override readonly className: string = "ValidationError";

  /** What is wrong, as data; empty where the message says it all. */
  readonly issues: readonly ValidationIssue[];
  readonly entityName: string | undefined;
  readonly entityId: string | undefined;
  readonly eventName: string | undefined;
  readonly eventId: string | undefined;
  readonly version: number | undefined;

  constructor(code: ErrorCode, message: string, facts: ValidationFacts = {}) {
    super(code, message, "cause" in facts ? { cause: facts.cause } : undefined);
    this.issues = facts.issues ?? [];
    this.entityName = facts.entityName;
    this.entityId = facts.entityId;
    this.eventName = facts.eventName;
    this.eventId = facts.eventId;
    this.version = facts.version;
  }
}

/** A value cannot be stored as JSON and read back as the same value. Nothing was changed. */
export class SerializationError extends VentydError {
  static override readonly className: string = "SerializationError";

  /** Where in the value the trouble is, from the outside in. */
  readonly path: readonly (string | number)[];

  constructor(code: ErrorCode, message: string, path: readonly (string | number)[] = []) {
    super(code, message);
    this.path = path;
  }
}
