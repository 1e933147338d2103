/** What an event of the harness does to its entity: adds a number, or brings back the state of an earlier version. */
export type Change = { readonly add: number } | { readonly back: number };

/** The state of an entity: how many numbers were added, and a digest of them that another order changes. */
export interface State {
  readonly count: number;
  readonly trail: number;
}

/** An event as a store has it, or as a reader was shown it. */
export interface SeenEvent {
  readonly position: number;
  readonly eventId: string;
  readonly entityId: string;
  readonly version: number;
  /** Absent where nothing is folded. */
  readonly change?: Change;
}

/**
 * What a process says of itself, one line each; a line is written before what it announces, or after what it reports. `at` is in microseconds by the clock
 * of the machine that only goes forward, the same for all processes.
 */
export type Fact =
  /** A writer is about to commit these events of one or several entities. */
  | { readonly kind: "intent"; readonly commit: string; readonly events: readonly string[]; readonly key?: string }
  /** The store has answered that they are stored, and where; or which others are, under the same idempotency key. */
  | {
      readonly kind: "acknowledged";
      readonly commit: string;
      readonly events: readonly SeenEvent[];
      readonly key?: string;
      readonly at?: number;
    }
  /** The store has answered that they are not, or the writer has aborted its transaction and was told so. */
  | { readonly kind: "refused"; readonly commit: string }
  /** A reader who follows the log from its start was shown an event. */
  | { readonly kind: "saw"; readonly reader: string; readonly event: SeenEvent }
  /** Somebody has asked, at that time, for an entity and was given this state; version 0 is none. */
  | {
      readonly kind: "found";
      readonly by: string;
      readonly entityId: string;
      readonly askedAt: number;
      readonly version: number;
      readonly state: State;
    }
  /** A call was answered with an error, which says neither that something is stored nor that it is not. */
  | { readonly kind: "erred"; readonly code: string };

/** A state that was kept beside the log. */
export interface KeptSnapshot {
  readonly entityId: string;
  readonly version: number;
  readonly eventId: string;
  readonly state: State;
}

/** What there is to judge: what the processes said, and what is there in the end. */
export interface History {
  /** Those of one process in the order in which it wrote them; gone through several times. */
  readonly facts: Iterable<Fact>;
  /** The whole log, in the order in which a new reader gets it. */
  readonly stored: readonly SeenEvent[];
  readonly snapshots?: readonly KeptSnapshot[];
}

/** What went wrong, and with which commit, event, entity or reader. */
export interface Violation {
  readonly kind: keyof typeof promises;
  readonly subject: string;
}

/** What each kind of violation is one of; kinds of the same promise are counted together. */
export const promises = {
  lost: "acknowledged events are stored, where it was said",
  moved: "acknowledged events are stored, where it was said",
  answered_with_another: "acknowledged events are stored, where it was said",
  stored_twice: "stored events are there once, and somebody wrote them",
  nobody_wrote: "stored events are there once, and somebody wrote them",
  half_written: "unanswered commits are stored whole or not at all",
  refused_but_stored: "refused commits are not stored",
  key_stored_twice: "an idempotency key stands for one commit",
  versions_with_holes: "versions of an entity are 1 to n, in the order of positions",
  positions_out_of_order: "versions of an entity are 1 to n, in the order of positions",
  reader_out_of_order: "readers see every position, once and in order",
  reader_skipped: "readers see every position, once and in order",
  reader_saw_another: "readers see every position, once and in order",
  stale_read: "a read sees what was acknowledged before it",
  read_another_state: "a read is the fold of what is stored",
  folded_otherwise: "what a tailer folds is what findOne gives in the end",
  snapshot_of_nothing: "snapshots hold what is committed, and nothing else",
  process_died: "processes end when they are told to, and by nothing else",
} as const;

/** One of the promises. */
export type Promised = (typeof promises)[keyof typeof promises];

/** Is told of each case that a promise was held against. */
export type Count = (promise: Promised, cases?: number) => void;
