import { createMemoryStore } from "ventyd/memory";
import { storeCases } from "../../.scratch/h6/contract/store-cases.ts";

storeCases("memory", async (options) => createMemoryStore(options));
