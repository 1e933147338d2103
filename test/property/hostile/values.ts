// What encodings, columns, placeholders, escapes and careless copies change.
import fc from "fast-check";
import type { Json } from "ventyd";

const wellFormed = fc.oneof(
  fc.constantFrom(
    ...[
      "e\u0301",
      "\u00e9",
      "\u202eright to left\u202c",
      "\u05d0\u0627",
      "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
      "\u{10ffff}",
    ],
    ...[
      "\ufeff",
      "\ufffe",
      "\ufdd0",
      "\uffff",
      "\ufffd",
      "\u2028",
      "\u200b",
      "\u0085",
      "\u001a",
      "\u007f",
      "\u0130",
      "\u00df",
      "\u212a",
    ],
    ...[
      " ",
      "\t",
      "\r\n",
      "\n",
      "\b",
      "'",
      '"',
      "`",
      "\\",
      "\\'",
      "\\\\",
      "\\0",
      "\\N",
      "\\x41",
      "\\u0000",
      "\\u{41}",
      "%",
      "_",
      "%00",
      "&amp;",
    ],
    ...[
      "$1",
      "$$",
      "$body$",
      "?",
      "??",
      "\\?",
      ":name",
      "::text",
      "@p1",
      "@@version",
      "%s",
      "{0}",
      "$" + "{x}",
      "--",
      "/*",
      "*/",
      ";",
      "#",
    ],
    ...[
      "'; DROP TABLE ventyd_log; --",
      "x'00'",
      "\\x00ff",
      "E'\\\\'",
      "0x41",
      "null",
      "NULL",
      "true",
      "NaN",
      "1e5",
      "2024-01-01T00:00:00Z",
    ],
    ...[
      "__proto__",
      "constructor",
      "prototype",
      "toString",
      "hasOwnProperty",
      "then",
      "toJSON",
      "length",
      "{}",
      "[]",
      '"',
      "undefined",
    ],
  ),
  fc.string({ unit: "binary", maxLength: 6 }).map((text) => text.replaceAll("\u0000", "").toWellFormed()),
);
const illFormed = fc.constantFrom("\u0000", "\ud800", "\udc00", "\udfff\ud83d");

const join = (pieces: fc.Arbitrary<string>) =>
  fc.array(pieces, { minLength: 1, maxLength: 4 }).map((it) => it.join(""));

/** Any text, also what is no Unicode. */
const anyText = fc.oneof(
  { weight: 4, arbitrary: join(wellFormed) },
  join(fc.oneof(wellFormed, illFormed)),
  fc.constant(""),
);

/** Text that is kept as it is, more often than not. */
export const text = fc.oneof(
  { weight: 8, arbitrary: join(wellFormed) },
  join(fc.oneof(wellFormed, illFormed)),
  fc.constantFrom("", " ", "\u3000"),
);

/** A text for an identifier: as it is, as long as an identifier may be, or longer. */
export interface Identifier {
  readonly text: string;
  readonly bytes: number | undefined;
  /** Where it is changed when it has to be the only one: what stands at an end is lost more easily than what is in the middle. */
  readonly ownAt: "start" | "end";
}

export const identifier: fc.Arbitrary<Identifier> = fc.record({
  text: text.filter((it) => it !== ""),
  bytes: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, fc.constantFrom(254, 255, 256, 1_000)),
  ownAt: fc.constantFrom("start", "end"),
});

/** The identifier, with what makes it the only one. */
export function spell({ text, bytes, ownAt }: Identifier, own = ""): string {
  let spelt = text;
  if (bytes !== undefined) {
    const most = bytes - own.length;
    spelt = "";
    for (const character of text) if (Buffer.byteLength(spelt + character) <= most) spelt += character;
    spelt += "x".repeat(most - Buffer.byteLength(spelt));
  }
  return ownAt === "start" ? own + spelt : spelt + own;
}

const number = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    2 ** 53,
    2 ** 53 - 1,
    2 ** 53 + 2,
    -(2 ** 53),
    2 ** 63,
    2 ** 64,
    1e308,
    -1e308,
    5e-324,
    1e21,
    1e-7,
    0.1 + 0.2,
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Objects have the keys that they are given, `__proto__` too. */
function objectOf<T>(pairs: readonly (readonly [string, T])[]): Record<string, T> {
  const object = {};
  for (const [key, value] of pairs) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

const pairsOf = <T>(value: fc.Arbitrary<T>) => fc.array(fc.tuple(anyText, value), { maxLength: 4 }).map(objectOf);

export const json: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    { weight: 3, arbitrary: anyText },
    { weight: 2, arbitrary: number },
    fc.constantFrom(null, true, false),
    fc.array(tie("json"), { maxLength: 4 }),
    { weight: 2, arbitrary: pairsOf(tie("json")) },
  ),
})).json;

export const metadata = pairsOf(json);

/** So many lists and objects in one another. */
export function nested(levels: number): Json {
  let value: Json = "core";
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { level: value };
  return value;
}

const cycle: { self?: unknown } = {};
cycle.self = [cycle];

/** What JSON cannot carry, or what is too much. */
export const notJson = fc.constantFrom<[string, unknown][]>(
  ["NaN", { deep: [Number.NaN] }],
  ["infinite", Number.NEGATIVE_INFINITY],
  ["bigint", 1n],
  ["symbol", Symbol("s")],
  ["symbol key", { [Symbol("s")]: 1 }],
  ["function", { call() {} }],
  ["map", new Map([["a", 1]])],
  ["instance", [new (class Money {})()]],
  ["no date", new Date(Number.NaN)],
  ["hole", new Array(1)],
  ["undefined in a list", [undefined]],
  ["cycle", cycle],
  ["1,000 levels", nested(1_000)],
  ["100,000 levels", nested(100_000)],
);

export const instant = fc.oneof(
  fc.constantFrom(
    ...[
      "0000-01-01T00:00:00Z",
      "0001-01-01T00:00:00.000Z",
      "9999-12-31T23:59:59.999Z",
      "1969-12-31T23:59:59.999999999Z",
    ],
    ...["2024-02-29T12:00:00+14:00", "2024-01-01T00:00-12:00", "1000-01-01T00:00:00Z", "1582-10-10T00:00:00Z"],
    ...["9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01", "+010000-01-01T00:00:00Z", "-000001-01-01T00:00:00Z"],
    ...[
      "2024-02-30T00:00:00Z",
      "2016-12-31T23:59:60Z",
      "2024-01-01",
      "2024-01-01T00:00:00",
      "now",
      "2024-01-01T00:00:00Z\u0000",
    ],
  ),
  fc.integer({ min: 1, max: 300 }).map((digits) => `2024-01-01T00:00:00.${"1".repeat(digits)}Z`),
);
