import manifest from "../../package.json" with { type: "json" };

/** Every entry of the package that holds code, with its files and the name by which it is imported. */
export const entries = Object.entries(manifest.exports).flatMap(([entry, paths]) =>
  typeof paths === "string" ? [] : [{ entry, specifier: `ventyd${entry.slice(1)}`, ...paths }],
);

/** What a user may have beside the package, and then imports an entry for. */
export const peers = Object.keys(manifest.peerDependencies);

/** The peers that an entry is for; the others are for everybody. */
export const peersOf: Readonly<Record<string, readonly string[]>> = {
  "./zod": ["zod"],
  "./valibot": ["valibot"],
  "./arktype": ["arktype"],
  "./typebox": ["typebox"],
  "./typebox0": ["@sinclair/typebox"],
  "./immer": ["immer"],
};
