import { CursorAheadError } from "../errors/index.ts";
import type { StoredEvent } from "../schema/event.ts";
import { checkOrder, checkWhole } from "./check-commits.ts";
import type { ReadOptions } from "./types.ts";

/** What to read of the log, its bounds filled in. */
export type PageQuery<TClient = unknown> = ReadOptions<TClient> & {
  readonly after: number;
  readonly before: number;
  readonly limit: number;
};

/** What reading asks of a store. */
export interface LogPages<TClient> {
  /** The last position that the caller may see. */
  head(query: PageQuery<TClient>): Promise<number>;
  /** At most `limit` events between `after` and `before`, both exclusive. */
  page(query: PageQuery<TClient>): Promise<readonly StoredEvent[]>;
}

const pageSize = 256;

/**
 * `read` of every store: pages that are fetched whole, nothing held between them.
 *
 * @throws {ValidationError} `invalid_option`, at once.
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
  return readPages(pages, { ...options, after, before, limit });
}

async function* readPages<TClient>(pages: LogPages<TClient>, query: PageQuery<TClient>): AsyncGenerator<StoredEvent> {
  let { after, before, limit } = query;
  if (after > 0) {
    const head = await pages.head(query);
    if (after > head) throw new CursorAheadError({ after, head });
  }
  while (limit > 0) {
    const page = await pages.page({ ...query, after, before, limit: Math.min(limit, pageSize) });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    limit -= page.length;
    if (query.order === "desc") before = last.position;
    else after = last.position;
  }
}
