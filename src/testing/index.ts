export { adapterContract } from "./adapter-contract.ts";
export type {
  ApplicationTransaction,
  ContractBackend,
  ContractCapabilities,
  ContractStoreOptions,
  CreateContractStore,
} from "./contract/backend.ts";
export type { TestRunner } from "./contract/suite.ts";
