const known = new WeakMap<(column: string) => string, Map<string, string[]>>();

/**
 * The names that a statement gives its columns, where a driver shows them only as the application's transformation made them (`event_id` as `eventId`). What is
 * named with AS comes first, then every other word of the statement: the one that is made into what was shown is the name.
 */
export function outputNames(sql: string, transform: (column: string) => string, shown: readonly string[]): string[] {
  const ofTransform = known.get(transform) ?? new Map<string, string[]>();
  known.set(transform, ofTransform);
  const key = `${shown.join()} ${sql}`;
  const before = ofTransform.get(key);
  if (before !== undefined) return before;
  const words = [
    ...sql.matchAll(/\bAS\s+"(\w+)"/gi),
    ...sql.matchAll(/\bAS\s+([a-z]\w*)/gi),
    ...sql.matchAll(/([a-z]\w*)/gi),
  ].map(([, word]) => word as string);
  const names = shown.map((name) => words.find((word) => transform(word) === name) ?? name);
  ofTransform.set(key, names);
  return names;
}

/** A name without what transformations of names add, remove or raise. */
function bare(name: string): string {
  return name.replace(/[^a-z0-9]/gi, "").toLowerCase();
}

/** Rows under the names that a statement gives its columns, and with null where there is nothing, whatever transformations of the application they have gone through. */
export function namedAsAsked(sql: string, rows: readonly object[]): readonly object[] {
  const [first] = rows;
  if (first === undefined) return rows;
  const shown = Object.keys(first);
  const names = outputNames(sql, bare, shown.map(bare));
  return rows.map((row) => {
    const named: Record<string, unknown> = {};
    shown.forEach((name, index) => {
      named[names[index] as string] = (row as Record<string, unknown>)[name] ?? null;
    });
    return named;
  });
}
