import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Rolldown } from "tsdown";

/** In bytes, minified and gzipped. */
export interface Sizes {
  /** What is loaded with the application. */
  readonly atOnce: number;
  /** What `import()` loads when it is first needed. */
  readonly later: number;
}

/**
 * What an application gets into its bundle that is ours: the validators and drivers that it brings are not counted.
 *
 * @param source lines that export something from `"ventyd"` or a subpath.
 */
export async function bundleSize(source: string): Promise<Sizes> {
  const bundle = await Rolldown.rolldown({
    input: "entry",
    platform: "neutral",
    // Our files import each other by relative paths.
    external: (id) => id !== "entry" && /^[^./]/.test(id) && !/^ventyd(\/|$)/.test(id),
    plugins: [
      {
        name: "entry",
        resolveId: (id: string) => {
          if (id === "entry") return id;
          return /^ventyd(\/|$)/.test(id) ? fileURLToPath(import.meta.resolve(id)) : null;
        },
        load: (id: string) => (id === "entry" ? source : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const chunks = new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])));
  const atOnce = new Set<string>();
  const include = (name: string) => {
    const chunk = chunks.get(name);
    if (chunk === undefined || atOnce.has(name)) return;
    atOnce.add(name);
    chunk.imports.forEach(include);
  };
  for (const { isEntry, fileName } of chunks.values()) if (isEntry) include(fileName);
  // Compressed together, as one file: how the bundler cuts it is the application's choice.
  const size = (isIncluded: (name: string) => boolean) => {
    const code = [...chunks.values()].flatMap((chunk) => (isIncluded(chunk.fileName) ? [chunk.code] : []));
    return code.length === 0 ? 0 : gzipSync(code.join("\n"), { level: 9 }).length;
  };
  return { atOnce: size((name) => atOnce.has(name)), later: size((name) => !atOnce.has(name)) };
}

/** What a browser needs to create entities, check their rules and show them. */
export const entityHalf = 'export { defineSchema, defineReducer, Entity, mutation } from "ventyd";';

/** Everything that one entry exports. */
export const everythingOf = (specifier: string) => `export * from "${specifier}";`;
