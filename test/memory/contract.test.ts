import { createMemoryStore } from "ventyd/memory";
import { adapterContract } from "ventyd/testing";
import { describe, test } from "vitest";

const capabilities = { durable: false, applicationTransactions: false, migrations: false };

describe("the memory store", () => {
  adapterContract({ describe, test }, (options) => createMemoryStore(options), capabilities);
});
