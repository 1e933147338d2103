import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ValidationError } from "../errors/index.ts";
import { formatInstant, parseInstant, readInstant } from "./instant.ts";

describe("readInstant", () => {
  test.each([
    ["2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"],
    ["2026-01-31T09:30Z", "2026-01-31T09:30:00.000Z"],
    ["2026-01-31T09:30:00.5Z", "2026-01-31T09:30:00.500Z"],
    ["2026-01-31T09:30:00.123456789Z", "2026-01-31T09:30:00.123Z"],
    ["2026-01-31T09:30:00+09:00", "2026-01-31T00:30:00.000Z"],
    ["2026-01-31T09:30-05:30", "2026-01-31T15:00:00.000Z"],
    [`2026-01-31T09:30:00.${"1".repeat(35)}+00:00`, "2026-01-31T09:30:00.111Z"],
    ["2026-01-31T09:30:00.250+00:00", "2026-01-31T09:30:00.250Z"],
    ["2026-01-31T09:30:00-00:00", "2026-01-31T09:30:00.000Z"],
    ["2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"],
    ["1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
    ["2026-04-30T23:59:59Z", "2026-04-30T23:59:59.000Z"],
    ["2026-12-31T23:59:59.999Z", "2026-12-31T23:59:59.999Z"],
  ])("reads %s", (text, instant) => {
    expect(new Date(readInstant(text) as number).toISOString()).toBe(instant);
  });

  test.each([
    ["", "nothing"],
    ["2024", "a year alone, which Date.parse takes"],
    ["2026-01-31", "a day alone"],
    ["2026-01-31T09:30:00", "no offset: local time"],
    ["2026-01-31T09:30", "no offset: local time"],
    ["Jan 1 2024", "words"],
    ["1767225600000", "a number"],
    ["2026-01-31 09:30:00Z", "a blank for the T"],
    ["2026-01-31t09:30:00Z", "a small t"],
    ["2026-01-31T09:30:00z", "a small z"],
    ["2026-01-31T09Z", "no minutes"],
    ["2026-01-31T09:30.5Z", "a fraction without seconds"],
    ["2026-01-31T09:30:00.Z", "a point without digits"],
    ["2026-01-31T09:30:00,5Z", "a comma"],
    [`2026-01-31T09:30:00.${"1".repeat(36)}Z`, "more digits than a store has room for"],
    ["2026-01-31T9:30:00Z", "one digit for the hour"],
    ["2026-1-31T09:30:00Z", "one digit for the month"],
    ["2026-01-31T09:30:00+9:00", "one digit in the offset"],
    ["2026-01-31T09:30:00+0900", "an offset without a colon"],
    ["2026-01-31T09:30:00+09", "an offset without minutes"],
    ["2026-01-31T09:30:00+24:00", "an offset of a day"],
    ["2026-01-31T09:30:00+09:60", "60 minutes in the offset"],
    ["+002026-01-31T09:30:00Z", "six digits for the year"],
    ["-000001-01-31T09:30:00Z", "a year before 0"],
    ["2026-00-31T09:30:00Z", "month 0"],
    ["2026-13-01T09:30:00Z", "month 13"],
    ["2026-01-00T09:30:00Z", "day 0"],
    ["2026-01-32T09:30:00Z", "32 January"],
    ["2026-02-29T00:00:00Z", "29 February in a common year"],
    ["2024-02-30T00:00:00Z", "30 February"],
    ["1900-02-29T00:00:00Z", "29 February in a century's common year"],
    ["2026-04-31T00:00:00Z", "31 April"],
    ["2026-06-31T00:00:00Z", "31 June"],
    ["2026-09-31T00:00:00Z", "31 September"],
    ["2026-11-31T00:00:00Z", "31 November"],
    ["2026-01-31T24:00:00Z", "hour 24"],
    ["2026-01-31T09:60:00Z", "minute 60"],
    ["2016-12-31T23:59:60Z", "a leap second"],
    [" 2026-01-31T09:30:00Z", "a blank before"],
    ["2026-01-31T09:30:00Z ", "a blank behind"],
    ["2026-01-31T09:30:00Z\n", "a new line behind"],
    ["9999-12-31T23:59:00-23:59", "an instant in the year 10000, which could not be written in this grammar"],
    ["0000-01-01T00:00:00+00:01", "an instant before the year 0"],
  ])("does not read %j: %s", (text) => {
    expect(readInstant(text)).toBeUndefined();
  });

  test("reads whatever formatInstant writes", () => {
    const years0To9999 = { min: Date.parse("0000-01-01T00:00:00Z"), max: Date.parse("9999-12-31T23:59:59.999Z") };
    fc.assert(
      fc.property(fc.integer(years0To9999), (milliseconds) => {
        expect(readInstant(formatInstant(milliseconds))).toBe(milliseconds);
      }),
    );
  });

  test("orders instants as they follow each other, where their texts order the other way round", () => {
    const later = ["2026-01-01T00:30:00+01:00", "2025-12-31T23:45:00Z"] as const;
    expect(later[0] < later[1]).toBe(false);
    expect(readInstant(later[0]) as number).toBeLessThan(readInstant(later[1]) as number);
    // "." sorts before "Z".
    const half = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.500Z"] as const;
    expect(half[0] < half[1]).toBe(false);
    expect(readInstant(half[0]) as number).toBeLessThan(readInstant(half[1]) as number);
  });
});

test("reads each text for what it is, also when the same and another one follow", () => {
  const texts = ["1970-01-01T00:00Z", "1970-01-01T00:00Z", "never", "never", "1970-01-01T00:01Z", "1970-01-01T00:00Z"];
  expect(texts.map(readInstant)).toEqual([0, 0, undefined, undefined, 60_000, 0]);
});

describe("parseInstant", () => {
  test("takes a text or a date", () => {
    expect(parseInstant("2026-01-31T09:30:00+09:00", "at")).toBe(Date.UTC(2026, 0, 31, 0, 30));
    expect(parseInstant(new Date(5), "at")).toBe(5);
  });

  test.each<[unknown]>([
    ["2024"],
    [""],
    [new Date(Number.NaN)],
    [1767225600000],
    [10n],
    [null],
    [undefined],
    [{}],
    [["2026-01-31T09:30:00Z"]],
    [Symbol("x")],
  ])("refuses %o, naming what it was asked for", (value) => {
    const attempt = () => parseInstant(value, "eventCreatedAt");
    expect(attempt).toThrow(ValidationError);
    expect(attempt).toThrow(expect.objectContaining({ code: "invalid_instant" }));
    expect(attempt).toThrow(/eventCreatedAt/);
  });
});

describe("formatInstant", () => {
  test("writes ISO 8601 in UTC with milliseconds, also when the same and another instant follow", () => {
    const instants = [0, 0, 1, 0, 1767225600123, 1767225600123];
    expect(instants.map(formatInstant)).toEqual(instants.map((instant) => new Date(instant).toISOString()));
  });

  test("refuses what is no time, and works after that", () => {
    expect(() => formatInstant(Number.NaN)).toThrow(RangeError);
    expect(() => formatInstant(Number.NaN)).toThrow(RangeError);
    expect(formatInstant(0)).toBe("1970-01-01T00:00:00.000Z");
  });
});
