import { describe } from "vitest";
import { appendCases } from "./append-cases.ts";
import type { CreateStore } from "./events.ts";
import { loadCases } from "./load-cases.ts";
import { logCases } from "./log-cases.ts";
import { transactionCases } from "./transaction-cases.ts";
import { valueCases } from "./value-cases.ts";

/** Everything that a store must do, run against fresh stores of one kind. */
export function storeCases(name: string, createStore: CreateStore): void {
  describe(`${name} keeps the store contract`, () => {
    appendCases(createStore);
    loadCases(createStore);
    logCases(createStore);
    valueCases(createStore);
    transactionCases(createStore);
  });
}
