import { describe, test } from "node:test";
import { driverContract } from "../sqlite/drivers/driver-contract.ts";
import { nodeDrivers } from "../sqlite/drivers/node-drivers.ts";
import { storeContract } from "../sqlite/drivers/store-contract.ts";

const runner = { describe: describe as never, test: test as never };

for (const [name, driver] of Object.entries(nodeDrivers)) {
  describe(name, () => driverContract(runner, driver));
}
// The one whose SQLite comes with Node; the others bring theirs, the same for all.
storeContract(runner, nodeDrivers["node:sqlite"] as never);
