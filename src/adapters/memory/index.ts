export { createMemoryStore, type MemoryClient, type MemoryStore, type MemoryStoreOptions } from "./memory-store.ts";
