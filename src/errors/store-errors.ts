import { VentydError } from "./ventyd-error.ts";

/** What was asked for needs an ability that this adapter or this runtime does not have. Nothing was written. */
export class UnsupportedError extends VentydError {
  static override readonly className: string = "UnsupportedError";

  /** The ability that is missing. */
  readonly ability: string;

  constructor(ability: string, message: string) {
    super("unsupported", message);
    this.ability = ability;
  }
}

/** A reader asked for events after a position that the log has not reached: the cursor belongs to another store, or this one was restored. */
export class CursorAheadError extends VentydError {
  static override readonly className: string = "CursorAheadError";

  readonly after: number;
  readonly head: number;

  constructor({ after, head }: { readonly after: number; readonly head: number }) {
    super(
      "cursor_ahead",
      `Cursor is ahead of the log: position ${after} was asked for, the last one is ${head}. ` +
        "Check that the cursor was kept for this very store; after a restore, start again from a position that exists.",
    );
    this.after = after;
    this.head = head;
  }
}

/** The data was written by a newer build than this one, in a way that this one cannot read. Deploy the newer build. */
export class StaleBuildError extends VentydError {
  static override readonly className: string = "StaleBuildError";

  constructor(message: string) {
    super("stale_build", message);
  }
}
