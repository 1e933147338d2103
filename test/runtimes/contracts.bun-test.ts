// Bun's own names for what it has come from Bun's types, which must not meet those of Node in one program.
// @ts-expect-error: known to Bun alone
import { Database } from "bun:sqlite";
// @ts-expect-error: known to Bun alone
import { describe, test } from "bun:test";
import { executorContract } from "../sqlite/executors/executor-contract.ts";
import { storeContract } from "../sqlite/executors/store-contract.ts";

const driver = {
  open: (file: string) => new Database(file),
  openReadonly: (file: string) => new Database(file, { readonly: true }),
  openWithBigints: (file: string) => new Database(file, { safeIntegers: true }),
};

executorContract({ describe, test }, driver);
storeContract({ describe, test }, driver);
