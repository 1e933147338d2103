import fc from "fast-check";
import { expect, test } from "vitest";
import { compareUtf8 } from "./utf8-order.ts";

test.each([
  ["", "a"],
  ["a", "aa"],
  ["Z", "a"],
  ["z", "\u00e4"],
  ["\ud7ff", "\ue000"],
  ["\uffff", "\u{10000}"],
  ["a\uff5eb", "a\u{1f600}a"],
  ["\u{1f600}", "\u{1f601}"],
  ["\u{1f600}", "\u{1f600}a"],
])("%j stands before %j", (first, second) => {
  expect(compareUtf8(first, second)).toBeLessThan(0);
  expect(compareUtf8(second, first)).toBeGreaterThan(0);
  expect(compareUtf8(first, first)).toBe(0);
});

test("any two texts stand as their UTF-8 bytes do", () => {
  // Few characters, so that texts often begin alike.
  const unit = fc.constantFrom("a", "b", "\u00e9", "\u20ac", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{1f600}");
  const text = fc.oneof(fc.string({ unit }), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 2_000 },
  );
});
