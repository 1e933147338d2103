import { CursorAheadError } from "../errors/index.ts";
import type { StoredEvent } from "../schema/event.ts";
import type { ReadOptions, SubscribeOptions } from "./types.ts";
import type { WakeUps } from "./wake-ups.ts";

/** What a subscription asks of a store. */
export interface SubscriptionSource {
  frontier(): Promise<number>;
  read(options: ReadOptions): AsyncIterable<StoredEvent>;
  readonly wakeUps: WakeUps;
  /** Milliseconds between two looks for what other processes have stored; `undefined` where there can be no others. */
  readonly pollInterval: number | undefined;
}

/** `subscribe` of every store. "From now" is when it is called, not when the loop begins. */
export function subscribe(source: SubscriptionSource, options: SubscribeOptions): AsyncIterableIterator<StoredEvent> {
  const start = source.frontier();
  // Whoever never begins the loop is not told, and the process must not end of it.
  start.catch(() => {});
  return follow(source, options, start);
}

async function* follow(
  source: SubscriptionSource,
  { after, signal, ...filters }: SubscribeOptions,
  start: Promise<number>,
): AsyncGenerator<StoredEvent> {
  let frontier = await start;
  if (after !== undefined && after > frontier) throw new CursorAheadError({ after, head: frontier });
  let cursor = after ?? frontier;
  while (!signal?.aborted) {
    const { count } = source.wakeUps;
    frontier = await source.frontier();
    if (frontier > cursor) {
      // Up to the frontier: where a filter lets nothing through, the next look begins behind what this one has seen.
      for await (const event of source.read({ ...filters, after: cursor, before: frontier + 1, transaction: null })) {
        if (signal?.aborted) return;
        yield event;
      }
      cursor = frontier;
    } else {
      await source.wakeUps.wait(count, source.pollInterval, signal);
    }
  }
}
