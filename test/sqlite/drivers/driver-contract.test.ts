import { describe, test } from "vitest";
import { driverContract } from "./driver-contract.ts";
import { nodeDrivers } from "./node-drivers.ts";

for (const [name, driver] of Object.entries(nodeDrivers)) {
  describe(name, () => driverContract({ describe, test }, driver));
}
