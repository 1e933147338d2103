import { defineConfig } from "tsdown";
import manifest from "./package.json" with { type: "json" };

/** One entry per subpath export, under the name that its files have in `dist`. */
const entries = Object.values(manifest.exports).flatMap((paths) =>
  typeof paths === "string" ? [] : [[paths.default.replace(/^\.\/dist\/|\.js$/g, ""), paths["ventyd-source"]] as const],
);

/** What the user brings: validators and drivers, with whatever lies under their names. */
const peers = Object.keys(manifest.peerDependencies);

export default defineConfig({
  entry: Object.fromEntries(entries),
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
    // Everything else that src imports is a devDependency and becomes part of dist, its types too.
    neverBundle: [...peers.map((name) => new RegExp(`^${name}(/|$)`)), /^node:/],
    onlyBundle: ["@standard-schema/spec", "dequal", "rfc6902"],
    onlyImport: [...peers, /^node:/],
  },
  // Not under the name node_modules, which many tools leave out of what they copy.
  outputOptions: {
    entryFileNames: ({ name }) => `${name.replace("node_modules/", "vendor/")}.js`,
    chunkFileNames: ({ name }) => `${name.replace("node_modules/", "vendor/")}.js`,
  },
  // The neutral platform reads no main fields; a devDependency without `exports` would not be found.
  inputOptions: { resolve: { mainFields: ["module", "main"] } },
});
