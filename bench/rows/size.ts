import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Rolldown } from "tsdown";
import type { Row } from "../row.ts";

/** In bytes. */
interface Sizes {
  /** What is loaded with the entry. */
  readonly atOnce: number;
  /** What `import()` loads when it is first needed. */
  readonly later: number;
}

export const sizeRows: readonly Row[] = [
  {
    name: "size: entity half, minified and gzipped",
    unit: "kB",
    goal: { atMost: 1 },
    measure: async () => besideLimit(await sizesOf("{ defineSchema, defineReducer, Entity, mutation }"), 4),
  },
  {
    name: "size: main entry, minified and gzipped",
    unit: "kB",
    goal: { atMost: 1 },
    measure: async () => besideLimit(await sizesOf("*"), 12),
  },
  {
    name: "size: what the main entry loads on first use, beside it (informative)",
    unit: "kB",
    async measure() {
      const { atOnce, later } = await sizesOf("*");
      return { ours: later / 1000, beside: atOnce / 1000, ratio: later / atOnce };
    },
  },
];

function besideLimit({ atOnce }: Sizes, limit: number) {
  const kilobytes = atOnce / 1000;
  return { ours: kilobytes, beside: limit, ratio: kilobytes / limit };
}

/** What an application that exports these names of ours gets into its bundle. */
async function sizesOf(names: string): Promise<Sizes> {
  const ventyd = fileURLToPath(import.meta.resolve("ventyd"));
  const bundle = await Rolldown.rolldown({
    input: "entry",
    platform: "neutral",
    plugins: [
      {
        name: "entry",
        resolveId: (id: string) => (id === "entry" ? id : null),
        load: (id: string) => (id === "entry" ? `export ${names} from ${JSON.stringify(ventyd)};` : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const chunks = new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])));
  const atOnce = new Set<string>();
  const include = (name: string) => {
    if (atOnce.has(name)) return;
    atOnce.add(name);
    for (const imported of chunks.get(name)?.imports ?? []) include(imported);
  };
  for (const { isEntry, fileName } of chunks.values()) if (isEntry) include(fileName);
  // Compressed together, as one file: how the bundler cuts it is the application's choice.
  const size = (isIncluded: (name: string) => boolean) => {
    const code = [...chunks.values()].flatMap((chunk) => (isIncluded(chunk.fileName) ? [chunk.code] : []));
    return gzipSync(code.join("\n"), { level: 9 }).length;
  };
  return { atOnce: size((name) => atOnce.has(name)), later: size((name) => !atOnce.has(name)) };
}
