import { ValidationError } from "../errors/index.ts";

/** No more digits of a second than the column of an event's own time has room for. */
const grammar = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,35})?)?(?:Z|[+-](\d{2}):(\d{2}))$/;

/** What a year of four digits can say in UTC; an offset may lead out of it, and a later event could not be stamped then. */
const earliest = Date.parse("0000-01-01T00:00:00.000Z");
const latest = Date.parse("9999-12-31T23:59:59.999Z");

let lastRead: { readonly text: string; readonly milliseconds: number | undefined } | undefined;

/**
 * Milliseconds since 1970 of an ISO 8601 instant, `undefined` where the text is not one: date, time and offset (or `Z`) must be there and
 * the day must exist. `Date.parse` alone takes "2024", local times, 30 February and 24:00.
 */
export function readInstant(text: string): number | undefined {
  // Events of one commit, often of several, were made in one millisecond.
  if (lastRead?.text !== text) lastRead = { text, milliseconds: read(text) };
  return lastRead.milliseconds;
}

function read(text: string): number | undefined {
  const match = grammar.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second = 0, offsetHour = 0, offsetMinute = 0] = match
    .slice(1)
    .map((digits) => (digits === undefined ? undefined : Number(digits))) as [
    number,
    number,
    number,
    number,
    number,
    number?,
    number?,
    number?,
  ];
  const exists =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59 &&
    offsetHour <= 23 &&
    offsetMinute <= 59;
  if (!exists) return undefined;
  const milliseconds = Date.parse(text);
  return milliseconds >= earliest && milliseconds <= latest ? milliseconds : undefined;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * As {@link readInstant}, for what a caller hands in.
 *
 * @throws {ValidationError} `invalid_instant`, naming `what`.
 */
export function parseInstant(value: unknown, what: string): number {
  const milliseconds =
    value instanceof Date ? value.getTime() : typeof value === "string" ? readInstant(value) : undefined;
  if (milliseconds === undefined || Number.isNaN(milliseconds)) {
    throw new ValidationError(
      "invalid_instant",
      `Invalid instant: ${what} is ${typeof value === "string" ? JSON.stringify(value) : String(value)}. Give date, time and offset, such as "2026-01-31T09:30:00Z".`,
    );
  }
  return milliseconds;
}

let lastMilliseconds = Number.NaN;
let lastText = "";

/** The text of an instant. Events of one millisecond share one text: making it costs more than the rest of an event's envelope. */
export function formatInstant(milliseconds: number): string {
  if (milliseconds !== lastMilliseconds) {
    lastText = new Date(milliseconds).toISOString();
    lastMilliseconds = milliseconds;
  }
  return lastText;
}
