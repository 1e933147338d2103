import { describe, test } from "vitest";
import { nodeDrivers } from "./drivers/node-drivers.ts";
import { storeContract } from "./drivers/store-contract.ts";

for (const [name, driver] of Object.entries(nodeDrivers)) {
  describe(name, () => storeContract({ describe, test }, driver));
}
