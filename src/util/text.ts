import { ValidationError } from "../errors/index.ts";

/** Bytes of UTF-8 that an identifier may have, so that it fits the key of every database. */
const maxIdentifierBytes = 255;

/** Beyond ASCII letters, digits and punctuation a text must be looked at closely. */
const plainText = /^[\x20-\x7e]+$/;

/**
 * Checks an identifier: ids, names, actors, correlation ids. Every store compares them byte for byte, so what two of them could take for
 * the same, or could not keep at all (U+0000, lone surrogates, a byte order mark at the beginning), is refused by all.
 *
 * @throws {ValidationError} `invalid_text`, naming `what`.
 */
export function checkIdentifier(value: unknown, what: string): asserts value is string {
  if (typeof value === "string" && value.length <= maxIdentifierBytes && plainText.test(value)) return;
  checkText(value, what);
  if (value === "") refuse(what, "is empty");
  // PGlite takes it for a mark of its own when it reads the text back.
  if (value.startsWith("\ufeff")) refuse(what, "begins with a byte order mark, U+FEFF");
  const bytes = utf8Length(value);
  if (bytes > maxIdentifierBytes) refuse(what, `has ${bytes} bytes of UTF-8, the limit is ${maxIdentifierBytes}`);
}

/**
 * Checks a text that every store must keep unchanged: well-formed Unicode without U+0000.
 *
 * @throws {ValidationError} `invalid_text`, naming `what`.
 */
export function checkText(value: unknown, what: string): asserts value is string {
  if (typeof value !== "string")
    refuse(what, `is ${value === null ? "null" : `of type ${typeof value}`}, not a string`);
  if (value.includes("\u0000")) refuse(what, "contains U+0000");
  if (!value.isWellFormed()) refuse(what, "contains half of a surrogate pair");
}

function refuse(what: string, problem: string): never {
  throw new ValidationError(
    "invalid_text",
    `Invalid text: ${what} ${problem}. Give well-formed Unicode without U+0000; ids, names and actors have 1 to ${maxIdentifierBytes} bytes, the first no byte order mark.`,
  );
}

/** Bytes that a text has in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) as number;
    bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
  return bytes;
}
