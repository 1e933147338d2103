import { describe, test } from "node:test";
import { executorContract } from "../sqlite/executors/executor-contract.ts";
import { nodeDrivers } from "../sqlite/executors/node-drivers.ts";
import { storeContract } from "../sqlite/executors/store-contract.ts";

const runner = { describe: describe as never, test: test as never };

for (const [name, driver] of Object.entries(nodeDrivers)) {
  describe(name, () => executorContract(runner, driver));
}
// The one whose SQLite comes with Node; the others bring theirs, the same for all.
storeContract(runner, nodeDrivers["node:sqlite"] as never);
