import { describe, expect, test } from "vitest";
import { joinTransaction, OpenTransaction } from "./transaction.ts";

describe("OpenTransaction", () => {
  test("tells all who asked what took effect, also those who ask when it has ended", () => {
    const transaction = new OpenTransaction({}, {});
    const told: (readonly [string, boolean])[] = [];
    transaction.onEnd((tookEffect) => told.push(["early", tookEffect("a")]));
    expect(told).toEqual([]);
    transaction.settle((eventId) => eventId === "a");
    transaction.onEnd((tookEffect) => told.push(["late", tookEffect("b")]));
    expect(told).toEqual([
      ["early", true],
      ["late", false],
    ]);
  });

  test("surrounds what its work starts, however late that goes on, and nothing else", async () => {
    const store = {};
    const transaction = new OpenTransaction(store, {});
    const inside = transaction.surround(async () => {
      await Promise.resolve();
      return OpenTransaction.current(store);
    });
    expect(OpenTransaction.current(store)).toBeUndefined();
    expect(await inside).toBe(transaction);
    expect(transaction.surround(() => OpenTransaction.current({}))).toBeUndefined();
  });

  test("of one store inside that of another is found for each", () => {
    const [storeA, storeB] = [{}, {}];
    const [inA, inB] = [new OpenTransaction(storeA, {}), new OpenTransaction(storeB, {})];
    const found = inA.surround(() =>
      inB.surround(() => [OpenTransaction.current(storeA), OpenTransaction.current(storeB)]),
    );
    expect(found[0]).toBe(inA);
    expect(found[1]).toBe(inB);
  });
});

describe("joinTransaction", () => {
  test("takes the surrounding one, the one that is given, none, or a handle of the application's", () => {
    const store = {};
    const client = {};
    const transaction = new OpenTransaction(store, client);
    const joined = { kind: "store", transaction };
    expect(joinTransaction(store, undefined)).toEqual({ kind: "none" });
    expect(transaction.surround(() => joinTransaction(store, undefined))).toEqual(joined);
    expect(transaction.surround(() => joinTransaction(store, null))).toEqual({ kind: "none" });
    expect(joinTransaction(store, transaction.handle)).toEqual(joined);
    expect(joinTransaction(store, client)).toEqual(joined);
    const own = {};
    expect(transaction.surround(() => joinTransaction(store, own))).toEqual({ kind: "application", client: own });
  });

  test("refuses the one that has ended, wherever it is met", () => {
    const store = {};
    const transaction = new OpenTransaction(store, {});
    transaction.close();
    const ended = expect.objectContaining({ code: "transaction_ended" });
    expect(() => joinTransaction(store, transaction.handle)).toThrow(ended);
    expect(() => transaction.surround(() => joinTransaction(store, undefined))).toThrow(ended);
    expect(transaction.surround(() => joinTransaction(store, null))).toEqual({ kind: "none" });
  });

  test("refuses the one of another store, and what is none", () => {
    const transaction = new OpenTransaction({}, {});
    expect(() => joinTransaction({}, transaction.handle)).toThrow(
      expect.objectContaining({ code: "transaction_mismatch" }),
    );
    for (const stranger of ["transaction", 1, true]) {
      expect(() => joinTransaction<object>({}, stranger as never)).toThrow(
        expect.objectContaining({ code: "unsupported" }),
      );
    }
  });
});
