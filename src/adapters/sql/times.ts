import type { PageQuery, Span } from "../../storage/index.ts";
import type { SqlConnection } from "./executor.ts";
import { tombstone } from "./tombstone.ts";

/** Of how many positions, at least, it is noted when they were recorded. */
export const spanSize = 4_096;

/**
 * Where in the log a span of time can be. Positions follow the time nearly: imports, clocks that are set and transactions that take long come in between. So
 * what is decided is noted down in spans, each with its earliest and its latest time, by whoever moves the frontier: an index on every event would cost
 * every append, and this costs none.
 */
export class Times {
  readonly #tables: { readonly log: string; readonly times: string };
  readonly #orIgnore: string;
  /** Up to where it is noted, as far as this process knows. */
  #known = 0;

  /** @param orIgnore ends an INSERT that lets a row be which is there. */
  constructor(tables: { readonly log: string; readonly times: string }, orIgnore: string) {
    this.#tables = tables;
    this.#orIgnore = orIgnore;
  }

  /** Notes down, now and then, what is decided up to a position. */
  async note(connection: SqlConnection, position: number): Promise<void> {
    if (position - this.#known < spanSize) return;
    const { log, times } = this.#tables;
    const [stored] = await connection.execute<Numbers>(`SELECT coalesce(max(last_position), 0) AS known FROM ${times}`);
    this.#known = Number(stored?.known);
    if (position - this.#known < spanSize) return;
    // Looked at without a lock, in a statement of its own: on MySQL, what INSERT selects is locked, and the gap behind it where others append.
    const [found] = await connection.execute<Numbers>(
      `SELECT min(recorded_ms) AS earliest, max(recorded_ms) AS latest FROM ${log}
       WHERE position > ${this.#known} AND position <= ${position} AND entity_name <> '${tombstone}'`,
    );
    if (found === undefined || found.earliest === null) return;
    await connection.execute(
      `INSERT INTO ${times} (after_position, last_position, earliest_ms, latest_ms)
       VALUES (${this.#known}, ${position}, ${found.earliest}, ${found.latest}) ${this.#orIgnore}`,
    );
  }

  /** The spans of positions outside of which nothing was recorded in a span of time. */
  async spans(connection: SqlConnection, query: PageQuery): Promise<readonly Span[]> {
    const [row] = await connection.execute<Numbers>(selectSpans(this.#tables.times, query));
    return spansOf(row);
  }
}

type Numbers = { readonly [column: string]: string | number | bigint | null };

/** Asks how far is noted, and for the bounds of those spans that a span of time may lie in. */
export function selectSpans(times: string, { recordedFrom, recordedBefore }: PageQuery): string {
  const isLikely = [
    "1 = 1",
    ...(recordedFrom === undefined ? [] : [`latest_ms >= ${recordedFrom}`]),
    ...(recordedBefore === undefined ? [] : [`earliest_ms < ${recordedBefore}`]),
  ].join(" AND ");
  return `SELECT coalesce(max(last_position), 0) AS known, min(CASE WHEN ${isLikely} THEN after_position END) AS lowest,
    max(CASE WHEN ${isLikely} THEN last_position END) AS highest FROM ${times}`;
}

/** What is behind the last note may be of any time. */
export function spansOf(row: Numbers | undefined): readonly Span[] {
  const { known = 0, lowest = null, highest = null } = row ?? {};
  const rest = { after: Number(known), before: Number.MAX_SAFE_INTEGER };
  if (lowest === null || highest === null) return [rest];
  const after = Number(lowest);
  return Number(highest) === rest.after ? [{ ...rest, after }] : [{ after, before: Number(highest) + 1 }, rest];
}
