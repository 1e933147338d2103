import { CursorAheadError } from "../errors/index.ts";
import type { StoredEvent } from "../schema/event.ts";
import { checkWhole } from "./check-commits.ts";
import { recordedWithin } from "./read-log.ts";
import type { ReadOptions, SubscribeOptions } from "./types.ts";
import { Stop, type WakeUps } from "./wake-ups.ts";

/** What a subscription asks of a store. */
export interface SubscriptionSource {
  /** How far may be read; by whoever is content with something beyond a position, before the rest is decided. */
  frontier(beyond?: number): Promise<number>;
  /** Reads up to the frontier, as it was when it was asked for. */
  read(options: ReadOptions, frontier: number): AsyncIterable<StoredEvent>;
  readonly wakeUps: WakeUps;
  /**
   * Milliseconds between two looks for what other processes have stored: the shortest while something comes, then twice as many after each look in vain, up to
   * the longest. `undefined` where there can be no others.
   */
  readonly polling: { readonly shortest: number; readonly longest: number } | undefined;
  /** Called when a loop begins; what it returns is called when the loop ends. */
  attend?(): () => void;
}

/**
 * `subscribe` of every store. "From now" is when it is called, not when the loop begins.
 *
 * @throws {ValidationError} `invalid_option`, `invalid_instant`, at once.
 */
export function subscribe(
  source: SubscriptionSource,
  { signal, ...options }: SubscribeOptions,
): AsyncIterableIterator<StoredEvent> {
  checkWhole("after", options.after ?? 0, 0);
  recordedWithin(options);
  const stop = new Stop(signal);
  const start = source.frontier();
  // Whoever never begins the loop is not told, and the process must not end of it.
  start.catch(() => {});
  const events = follow(source, options, start, stop);
  return {
    next: () => events.next(),
    // A generator that waits for more would hear of its end only when there is more.
    return(value) {
      stop.now();
      return events.return(value);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* follow(
  source: SubscriptionSource,
  { after, ...filters }: Omit<SubscribeOptions, "signal">,
  start: Promise<number>,
  stop: Stop,
): AsyncGenerator<StoredEvent, undefined> {
  let leave = () => {};
  try {
    if (stop.aborted) return;
    let frontier = await start;
    if (after !== undefined && after > frontier) throw new CursorAheadError({ after, head: frontier });
    let cursor = after ?? frontier;
    leave = source.attend?.() ?? leave;
    const { wakeUps, polling } = source;
    let interval = polling?.shortest;
    while (!stop.aborted) {
      const { count } = wakeUps;
      frontier = await source.frontier(cursor);
      if (frontier > cursor) {
        // Up to the frontier: where a filter lets nothing through, the next look begins behind what this one has seen.
        const unseen = { ...filters, after: cursor, before: frontier + 1, transaction: null };
        for await (const event of source.read(unseen, frontier)) {
          if (stop.aborted) return;
          yield event;
        }
        cursor = frontier;
        interval = polling?.shortest;
      } else {
        await wakeUps.wait(count, interval, stop);
        const isInVain = wakeUps.count === count;
        interval = polling && (isInVain ? Math.min(2 * (interval ?? 0), polling.longest) : polling.shortest);
      }
    }
  } finally {
    leave();
    stop.now();
  }
}
