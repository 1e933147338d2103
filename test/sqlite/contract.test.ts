import { describe, test } from "vitest";
import { nodeDrivers } from "./executors/node-drivers.ts";
import { storeContract } from "./executors/store-contract.ts";

for (const [name, driver] of Object.entries(nodeDrivers)) {
  describe(name, () => storeContract({ describe, test }, driver));
}
