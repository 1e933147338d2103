import { defineConfig } from "tsdown";

export default defineConfig({
  // One entry per subpath export, under the same name.
  entry: {
    index: "src/index.ts",
    zod: "src/validators/zod.ts",
    valibot: "src/validators/valibot.ts",
    standard: "src/validators/standard.ts",
    sqlite: "src/adapters/sqlite/index.ts",
    testing: "src/testing/index.ts",
    memory: "src/adapters/memory/index.ts",
  },
  format: "esm",
  // A file per module: in a few chunks, what a browser needs of the core shares one with what loads the rest, and is kept by it.
  unbundle: true,
  platform: "neutral",
  tsconfig: "tsconfig.build.json",
  target: "es2023",
  clean: true,
  dts: true,
  // A warning is an error, but for one that says nothing about us.
  failOnWarn: true,
  suppressWarnings: [/TypeScript 7\.0 does not yet have a stable API/],
  deps: {
    // What the user brings. Everything else that src imports is a devDependency and becomes part of dist, its types too.
    neverBundle: [/^zod(\/|$)/, /^valibot(\/|$)/, /^better-sqlite3(\/|$)/, /^node:/],
    onlyBundle: ["@standard-schema/spec", "dequal", "rfc6902"],
    onlyImport: ["zod", "valibot", "better-sqlite3", /^node:/],
  },
  // Not under the name node_modules, which many tools leave out of what they copy.
  outputOptions: {
    entryFileNames: ({ name }) => `${name.replace("node_modules/", "vendor/")}.js`,
    chunkFileNames: ({ name }) => `${name.replace("node_modules/", "vendor/")}.js`,
  },
  // The neutral platform reads no main fields; a devDependency without `exports` would not be found.
  inputOptions: { resolve: { mainFields: ["module", "main"] } },
});
