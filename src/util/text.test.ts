import { describe, expect, test } from "vitest";
import { ValidationError } from "../errors/index.ts";
import { checkIdentifier, checkText } from "./text.ts";

function refusal(check: typeof checkText, value: unknown): ValidationError {
  try {
    check(value, "actor");
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ code: "invalid_text" });
    expect((error as ValidationError).message).toMatch(/^Invalid text: actor /);
    return error as ValidationError;
  }
  throw new Error("not refused");
}

describe("checkIdentifier", () => {
  test.each([
    ["one letter", "a"],
    ["a UUID", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"],
    ["punctuation and blanks, at the ends too", " user:1/2 "],
    ["a new line and other control characters but U+0000", "a\nb\u0001\u007f"],
    ["letters beyond ASCII", "Zoë Ωμέγα 漢字"],
    ["characters that take two surrogates", "😀"],
    ["U+FFFD, and a byte order mark behind it", "\ufffd\ufeff"],
    ["255 bytes of one byte each", "a".repeat(255)],
    ["255 bytes of two and of one byte each", `${"é".repeat(127)}a`],
    ["255 bytes of three bytes each", "漢".repeat(85)],
    ["252 bytes of four bytes each", "😀".repeat(63)],
    ["what objects have anyway", "__proto__"],
  ])("takes %s", (_, value) => {
    expect(() => checkIdentifier(value, "actor")).not.toThrow();
  });

  test.each<[string, unknown, string]>([
    ["nothing", "", "is empty"],
    ["256 bytes of one byte each", "a".repeat(256), "256 bytes"],
    ["256 bytes of two bytes each", "é".repeat(128), "256 bytes"],
    ["258 bytes of three bytes each", "漢".repeat(86), "258 bytes"],
    ["256 bytes of four bytes each", "😀".repeat(64), "256 bytes"],
    ["256 bytes where 255 are ASCII", `${"a".repeat(254)}é`, "256 bytes"],
    ["U+0000", "a\u0000b", "U+0000"],
    ["a byte order mark at the beginning, which PGlite does not give back", "\ufeffa", "U+FEFF"],
    ["half of a surrogate pair", "a\ud800", "surrogate"],
    ["the other half", "\udc00a", "surrogate"],
    ["two halves the wrong way round", "\udc00\ud800", "surrogate"],
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a number", 5, "number"],
    ["an object that reads like a text", new String("a"), "object"],
  ])("refuses %s", (_, value, problem) => {
    expect(refusal(checkIdentifier, value).message).toContain(problem);
  });
});

describe("checkText", () => {
  test("takes any well-formed text, the empty and the very long one too", () => {
    for (const text of ["", "a".repeat(100_000), "Zoë 漢字 😀\n\t"])
      expect(() => checkText(text, "reason")).not.toThrow();
  });

  test("refuses what not every store can keep", () => {
    expect(refusal(checkText, "a\u0000").message).toContain("U+0000");
    expect(refusal(checkText, "\ud800").message).toContain("surrogate");
    expect(refusal(checkText, undefined).message).toContain("undefined");
    expect(refusal(checkText, null).message).toContain("null");
    expect(refusal(checkText, 5).message).toContain("number");
  });
});
