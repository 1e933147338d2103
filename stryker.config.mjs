// Mutation testing of the core: `npm run test:mutation`, outside CI. CONTRIBUTING.md says what to do with a mutant that survives.
export default {
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "test/mutation/vitest.config.ts", pool: "forks" },
  mutate: [
    "src/{entity,repository,storage,schema,util,attribution}/**/*.ts",
    "!src/**/*.{test,test-d}.ts",
    "!src/**/{index,types,infer}.ts",
  ],
  coverageAnalysis: "perTest",
  // There is none by that name: Stryker would rewrite it with an API that the compiler no longer has, and no test needs it.
  tsconfigFile: "none.json",
  // The words of a message are for people to judge; that there is an error, and its code, is what is tested.
  mutator: { excludedMutations: ["StringLiteral"] },
  ignorePatterns: ["/dist", "/.scratch", "/bench", "/docs", "/examples"],
  reporters: ["clear-text", "progress-append-only", "json"],
  jsonReporter: { fileName: ".scratch/mutation.json" },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, allowEmojis: false },
  tempDirName: ".scratch/stryker",
  timeoutMS: 10_000,
};
