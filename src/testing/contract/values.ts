import type { Json } from "../../util/json.ts";
import { upTo } from "./events.ts";

/** Lists and objects in one another, `depth` of them. */
function nested(depth: number): Json {
  let value: Json = "core";
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { level: value };
  return value;
}

const hostileKeys = JSON.parse(
  '{"__proto__":{"polluted":true},"constructor":1,"toString":null,"hasOwnProperty":[],"":"empty","a.b":1,"a/b":1,"~0":1,"$ref":1,"\\u0000":1}',
) as Json;

/** Bodies that are JSON, and that columns, encodings and careless copies change. */
export const awkwardBodies: readonly (readonly [title: string, body: Json])[] = [
  ["null", null],
  ["true", true],
  ["zero", 0],
  ["an empty text", ""],
  ["an empty list", []],
  ["an empty object", {}],
  ["keys in the order given, numbers among them", JSON.parse('{"z":1,"a":2,"10":3,"9":4,"m":{"y":1,"b":2}}') as Json],
  ["U+0000 in a text and in a key", { "a\u0000b": "c\u0000d\u0000" }],
  ["halves of surrogate pairs", { "\ud800": "\udc00", text: "a\ud83d", swapped: "\ude00\ud83d" }],
  ["text of every plane", { text: 'é \u2028\u2029 \uffff \u{1f600} \u{10ffff} \r\n\t\b\f"\\/ e\u0301' }],
  ["the edges of safe integers", [2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53) + 1, -(2 ** 53)]],
  ["large and small numbers", [1e308, -1e308, Number.MAX_VALUE, Number.MIN_VALUE, 5e-324, 0.1 + 0.2, 1e21, 1e-7]],
  ["what looks like other types", ["1", "null", "true", "2024-01-01T00:00:00Z", "1e5", "0x10", "NaN"]],
  ["hostile keys", hostileKeys],
  ["a deep nesting", nested(450)],
  ["many keys", Object.fromEntries(upTo(2_000).map((n) => [`key ${n}`, n]))],
];
