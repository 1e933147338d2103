import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

// `import "ventyd"` means src/, in the tests and in every process they start: no test needs a build.
const conditions = ["ventyd-source", ...defaultServerConditions];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["ventyd-source"] } },
  test: {
    // A bound on what hangs, not on what is slow: the machine may have other work.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ["{src,test,examples}/**/*.test.ts"],
    globalSetup: ["./test/support/servers-setup.ts"],
    execArgv: ["--conditions=ventyd-source"],
    reporters: ["default", "./scripts/count-reporter.ts"],
    typecheck: {
      enabled: true,
      checker: "tsc",
      include: ["{src,test,examples}/**/*.test-d.ts"],
      tsconfig: "./tsconfig.json",
    },
  },
});
