/** A list as PostgreSQL writes it; the type that it is cast to says of what. */
export function arrayLiteral(values: readonly (string | number | null)[]): string {
  return `{${values.map(element).join(",")}}`;
}

function element(value: string | number | null): string {
  if (value === null) return "NULL";
  return typeof value === "number" ? String(value) : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** Reads a list of one dimension. */
export function parseArrayLiteral(literal: string): (string | null)[] {
  const values: (string | null)[] = [];
  for (const [, quoted, plain] of literal.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs)) {
    if (quoted !== undefined) values.push(quoted.replace(/\\(.)/gs, "$1"));
    else values.push(plain === "NULL" ? null : (plain as string));
  }
  return values;
}
