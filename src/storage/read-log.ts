import { CursorAheadError } from "../errors/index.ts";
import type { StoredEvent } from "../schema/event.ts";
import { parseInstant } from "../util/instant.ts";
import { checkOrder, checkWhole } from "./check-commits.ts";
import type { ReadOptions } from "./types.ts";

/** What to read of the log, its bounds filled in and its instants as milliseconds. */
export type PageQuery<TClient = unknown> = Omit<ReadOptions<TClient>, "recordedFrom" | "recordedBefore"> & {
  readonly after: number;
  readonly before: number;
  readonly limit: number;
  readonly recordedFrom?: number | undefined;
  readonly recordedBefore?: number | undefined;
};

/** Positions between two bounds, both exclusive. */
export interface Span {
  readonly after: number;
  readonly before: number;
}

/** What reading asks of a store. */
export interface LogPages<TClient> {
  /** The last position that the caller may see. */
  head(query: PageQuery<TClient>): Promise<number>;
  /** At most `limit` events between `after` and `before`, both exclusive. */
  page(query: PageQuery<TClient>): Promise<readonly StoredEvent[]>;
  /**
   * For a store that knows when its positions were recorded: where those of a span of time can be, in order, the last one open to what is still to come.
   * Default: anywhere.
   */
  spans?(query: PageQuery<TClient>): Promise<readonly Span[]>;
}

const pageSize = 256;

/** So many positions are looked through sooner than it is asked where in them a span of time can be. */
const fewPositions = 4_096;

/** @throws {ValidationError} `invalid_instant`. */
export function recordedWithin({ recordedFrom, recordedBefore }: Pick<ReadOptions, "recordedFrom" | "recordedBefore">) {
  return {
    recordedFrom: recordedFrom === undefined ? undefined : parseInstant(recordedFrom, "recordedFrom"),
    recordedBefore: recordedBefore === undefined ? undefined : parseInstant(recordedBefore, "recordedBefore"),
  };
}

/**
 * `read` of every store: pages that are fetched whole, nothing held between them.
 *
 * @throws {ValidationError} `invalid_option`, `invalid_instant`, at once.
 * @throws {CursorAheadError} when `after` is above the head.
 */
export function readLog<TClient>(
  pages: LogPages<TClient>,
  options: ReadOptions<TClient>,
): AsyncIterableIterator<StoredEvent> {
  const { after = 0, before = Number.MAX_SAFE_INTEGER, limit = Number.MAX_SAFE_INTEGER } = options;
  checkWhole("after", after, 0);
  checkWhole("before", before, 0);
  checkWhole("limit", limit, 0);
  checkOrder(options.order ?? "asc");
  return readPages(pages, { ...options, after, before, limit, ...recordedWithin(options) });
}

async function* readPages<TClient>(pages: LogPages<TClient>, query: PageQuery<TClient>): AsyncGenerator<StoredEvent> {
  if (query.after > 0) {
    const head = await pages.head(query);
    if (query.after > head) throw new CursorAheadError({ after: query.after, head });
  }
  const isBackwards = query.order === "desc";
  let { limit } = query;
  const spans = await spansOf(pages, query);
  for (let { after, before } of isBackwards ? spans.toReversed() : spans) {
    while (limit > 0) {
      const page = await pages.page({ ...query, after, before, limit: Math.min(limit, pageSize) });
      yield* page;
      limit -= page.length;
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) break;
      if (isBackwards) before = last.position;
      else after = last.position;
    }
  }
}

/** Where to look for what was asked. */
async function spansOf<TClient>(pages: LogPages<TClient>, query: PageQuery<TClient>): Promise<readonly Span[]> {
  const { after, before, limit, recordedFrom, recordedBefore } = query;
  const isTimed = recordedFrom !== undefined || recordedBefore !== undefined;
  if (!isTimed || pages.spans === undefined || before - after <= fewPositions || limit === 0) return [query];
  const spans = await pages.spans(query);
  return spans
    .map((span) => ({ after: Math.max(span.after, after), before: Math.min(span.before, before) }))
    .filter((span) => span.before - span.after > 1);
}
