import { createHash } from "node:crypto";

/** Ids and actors have at most 255 bytes, so that they fit the key of every database. */
const maxBytes = 255;

/** A text as an id: as it is where it can be one; otherwise its beginning, and a hash that keeps it apart from all others. */
export function identifier(text: string): string {
  if (Buffer.byteLength(text) <= maxBytes && text.isWellFormed() && !text.includes("\0")) return text;
  const hash = createHash("sha256").update(text, "utf16le").digest("hex").slice(0, 24);
  const bytes = Buffer.from(storable(text)).subarray(0, maxBytes - hash.length - 1);
  // "stream" leaves out a character that was cut in two.
  return `${new TextDecoder().decode(bytes, { stream: true })}#${hash}`;
}

/** A text that every database can keep: without U+0000 and half surrogate pairs. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}
