import { mergeConfig } from "vitest/config";
import base from "../../vitest.config.ts";

// The tests that mutants of the core have to get past: those that need no server and no other process, for they run thousands of times.
const config = mergeConfig(base, {});
config.test = {
  ...config.test,
  include: [
    "src/{entity,repository,storage,schema,util,attribution,testing}/**/*.test.ts",
    "test/repository/**/*.test.ts",
    "test/memory/{contract,isolation,memory-store}.test.ts",
    "test/compat/{entity,events,repository,schema}.test.ts",
    "test/property/replay.test.ts",
    "test/contract/defaults.test.ts",
  ],
  // A process for each file would take longer than the tests in it.
  isolate: false,
  globalSetup: [],
  reporters: ["default"],
  // A mutant may wait for ever.
  testTimeout: 10_000,
  hookTimeout: 10_000,
  typecheck: { enabled: false },
};

export default config;
