export { adapterContract } from "./adapter-contract.ts";
export type {
  ApplicationTransaction,
  ContractBackend,
  ContractCapabilities,
  ContractStoreOptions,
  CreateContractStore,
} from "./contract/backend.ts";
export type { TestRunner } from "./contract/suite.ts";
export { type AsyncOutcome, type EventPair, type Given, given, type Outcome } from "./given.ts";
export type { GivenEventObject } from "./made-up-events.ts";
export type { ExpectedError } from "./outcome.ts";
export { createTestClock, type TestClock } from "./test-clock.ts";
export { createTestIds } from "./test-ids.ts";
