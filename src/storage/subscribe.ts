import { CursorAheadError } from "../errors/index.ts";
import type { StoredEvent } from "../schema/event.ts";
import type { ReadOptions, SubscribeOptions } from "./types.ts";
import { Stop, type WakeUps } from "./wake-ups.ts";

/** What a subscription asks of a store. */
export interface SubscriptionSource {
  frontier(): Promise<number>;
  read(options: ReadOptions): AsyncIterable<StoredEvent>;
  readonly wakeUps: WakeUps;
  /** Milliseconds between two looks for what other processes have stored; `undefined` where there can be no others. */
  readonly pollInterval: number | undefined;
}

/** `subscribe` of every store. "From now" is when it is called, not when the loop begins. */
export function subscribe(
  source: SubscriptionSource,
  { signal, ...options }: SubscribeOptions,
): AsyncIterableIterator<StoredEvent> {
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
  try {
    if (stop.aborted) return;
    let frontier = await start;
    if (after !== undefined && after > frontier) throw new CursorAheadError({ after, head: frontier });
    let cursor = after ?? frontier;
    while (!stop.aborted) {
      const { count } = source.wakeUps;
      frontier = await source.frontier();
      if (frontier > cursor) {
        // Up to the frontier: where a filter lets nothing through, the next look begins behind what this one has seen.
        for await (const event of source.read({ ...filters, after: cursor, before: frontier + 1, transaction: null })) {
          if (stop.aborted) return;
          yield event;
        }
        cursor = frontier;
      } else {
        await source.wakeUps.wait(count, source.pollInterval, stop);
      }
    }
  } finally {
    stop.now();
  }
}
