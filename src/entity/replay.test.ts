import { describe, expect, test } from "vitest";
import { ValidationError, VentydError } from "../errors/index.ts";
import { effectivePath } from "./replay.ts";

const rollbackName = "post:$rolled_back";

/** Events of these versions: a number is an event, a pair is a rollback, its version and where it leads. */
function stream(...steps: (number | undefined | [version: number, toVersion: unknown])[]) {
  return steps.map((step) => {
    const [version, toVersion] = Array.isArray(step) ? step : [step];
    return {
      eventName: Array.isArray(step) ? rollbackName : "post:renamed",
      entityName: "post",
      entityId: "p1",
      body: Array.isArray(step) ? { toVersion } : {},
      ...(version !== undefined && { version }),
    };
  });
}

/** The versions that are in effect. */
function path(steps: Parameters<typeof stream>, baseVersion?: number) {
  const events = stream(...steps);
  return effectivePath(events, rollbackName, baseVersion)?.map((index) => events[index]?.version);
}

describe("effectivePath", () => {
  test("of a stream without rollbacks is all of it", () => {
    expect(path([])).toEqual([]);
    expect(path([1, 2, 3])).toEqual([1, 2, 3]);
  });

  test("leaves out what a rollback undid, and keeps the rollback itself", () => {
    expect(path([1, 2, 3, [4, 1]])).toEqual([1, 4]);
    expect(path([1, 2, 3, [4, 2], 5])).toEqual([1, 2, 4, 5]);
    expect(path([1, 2, [3, 2]])).toEqual([1, 2, 3]);
  });

  test("follows several rollbacks, one after the other", () => {
    expect(path([1, 2, [3, 1], 4, [5, 1], 6])).toEqual([1, 5, 6]);
    expect(path([1, 2, 3, [4, 2], 5, 6, [7, 5], 8])).toEqual([1, 2, 4, 5, 7, 8]);
  });

  test("follows a rollback of a rollback: what was undone counts again", () => {
    expect(path([1, 2, 3, [4, 1], [5, 3]])).toEqual([1, 2, 3, 5]);
    expect(path([1, 2, 3, [4, 1], [5, 3], [6, 4]])).toEqual([1, 4, 6]);
    expect(path([1, 2, 3, [4, 2], 5, [6, 1], [7, 5]])).toEqual([1, 2, 4, 5, 7]);
  });

  test("goes back to a rollback's own version like to any other", () => {
    expect(path([1, 2, [3, 1], 4, [5, 3]])).toEqual([1, 3, 5]);
  });

  test("starts from the base, where there is one", () => {
    expect(path([6, 7], 5)).toEqual([6, 7]);
    expect(path([6, 7, [8, 6]], 5)).toEqual([6, 8]);
    expect(path([6, 7, [8, 5], 9], 5)).toEqual([8, 9]);
    expect(path([], 5)).toEqual([]);
  });

  test("is undefined where a rollback leads below the base, unless that rollback was undone itself", () => {
    expect(path([6, 7, [8, 4]], 5)).toBeUndefined();
    expect(path([6, 7, [8, 4], [9, 7]], 5)).toEqual([6, 7, 9]);
    expect(path([6, [7, 1], [8, 7]], 5)).toBeUndefined();
  });

  test("takes streams of older libraries: versions missing, doubled, and from anywhere", () => {
    expect(path([undefined, undefined])).toEqual([undefined, undefined]);
    expect(path([1, 2, 2, 3])).toEqual([1, 2, 2, 3]);
    expect(path([undefined, 1, 2, [3, 1]])).toEqual([undefined, 1, 3]);
    expect(path([3, 5, 9, [10, 5]])).toEqual([3, 5, 10]);
  });

  test("goes back to the last event of a version that stands twice", () => {
    const pathOf = (...steps: Parameters<typeof stream>) => effectivePath(stream(...steps), rollbackName);
    expect(pathOf(1, 2, 2, 3, [4, 2])).toEqual([0, 1, 2, 4]);
    // C5: an entity that started again at 0.
    expect(pathOf(1, 2, 1, 2, [3, 1])).toEqual([0, 1, 2, 4]);
    expect(pathOf(1, 2, 3, 2, [4, 2])).toEqual([0, 1, 2, 3, 4]);
    expect(pathOf(1, 2, 1, 4, [5, 1])).toEqual([0, 1, 2, 4]);
  });

  test.each([[0], [-1], [1.5], [4], [5], ["1"], [null], [undefined], [Number.NaN]])(
    "refuses a rollback to %j from version 4",
    (toVersion) => {
      const attempt = () => path([1, 2, 3, [4, toVersion]]);
      expect(attempt).toThrow(ValidationError);
      expect(attempt).toThrow(/^Validation failed: "post:\$rolled_back"\n {2}- body\.toVersion: /);
      expect(attempt).toThrow(
        expect.objectContaining({ code: "invalid_event", entityName: "post", entityId: "p1", version: 4 }),
      );
    },
  );

  test("refuses a rollback without a body", () => {
    const [first, rollback] = stream(1, [2, 1]);
    for (const body of [null, undefined, "1"]) {
      const events = [first, { ...rollback, body }] as ReturnType<typeof stream>;
      expect(() => effectivePath(events, rollbackName)).toThrow(ValidationError);
    }
  });

  test("says so where a rollback leads to a version that is not stored", () => {
    const attempt = () => path([1, 3, [4, 2]]);
    expect(attempt).toThrow(VentydError);
    expect(attempt).toThrow(expect.objectContaining({ code: "legacy_stream" }));
    expect(attempt).toThrow(/post "p1" .* version 2/);
  });

  test("says so where a rollback has lost its version", () => {
    const [first, rollback] = stream(1, [2, 1]);
    const { version: _, ...unnumbered } = rollback as { version: number } & NonNullable<typeof rollback>;
    const attempt = () => effectivePath([first, unnumbered] as ReturnType<typeof stream>, rollbackName);
    expect(attempt).toThrow(expect.objectContaining({ code: "legacy_stream" }));
    expect(attempt).toThrow(/a rollback without a version/);
  });

  test("does not look at what is undone: a broken rollback that a later one passes over breaks nothing", () => {
    expect(path([1, 2, [3, 99], [4, 1]])).toEqual([1, 4]);
  });

  test("takes time in proportion to the stream, however many rollbacks it has", () => {
    let looked = 0;
    const events = stream(
      1,
      2,
      ...Array.from({ length: 5_000 }, (_, index): [number, number] => [index + 3, index + 1]),
    );
    const counting = new Proxy(events, {
      get: (target, key) => {
        looked++;
        return Reflect.get(target, key);
      },
    });
    // Every rollback leads two back, so the walk visits every second one, and the two events.
    expect(effectivePath(counting, rollbackName)).toHaveLength(2_502);
    expect(looked).toBeLessThan(5_000 * 6);
  });
});
