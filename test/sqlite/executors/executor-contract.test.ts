import { describe, test } from "vitest";
import { executorContract } from "./executor-contract.ts";
import { nodeDrivers } from "./node-drivers.ts";

for (const [name, driver] of Object.entries(nodeDrivers)) {
  describe(name, () => executorContract({ describe, test }, driver));
}
