import { storeCases } from "../contract/store-cases.ts";
import { openMemoryStore, openStore } from "../support/temp-database.ts";

storeCases("a SQLite file", async (options) => (await openStore(options)).store);
storeCases("SQLite in memory", async (options) => (await openMemoryStore(options)).store);
