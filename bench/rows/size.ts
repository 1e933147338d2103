import type { Row } from "../row.ts";
import { goals } from "../size/budgets.ts";
import { bundleSize, entityHalf, everythingOf, type Sizes } from "../size/bundle-size.ts";

export const sizeRows: readonly Row[] = [
  {
    name: "size: entity half, minified and gzipped",
    unit: "kB",
    goal: { atMost: 1 },
    measure: async () => besideLimit(await bundleSize(entityHalf), goals.entityHalf),
  },
  {
    name: "size: main entry, minified and gzipped",
    unit: "kB",
    goal: { atMost: 1 },
    measure: async () => besideLimit(await bundleSize(everythingOf("ventyd")), goals.mainEntry),
  },
  {
    name: "size: what the main entry loads on first use, beside it (informative)",
    unit: "kB",
    async measure() {
      const { atOnce, later } = await bundleSize(everythingOf("ventyd"));
      return { ours: later / 1000, beside: atOnce / 1000, ratio: later / atOnce };
    },
  },
];

function besideLimit({ atOnce }: Sizes, limit: number) {
  const kilobytes = atOnce / 1000;
  return { ours: kilobytes, beside: limit, ratio: kilobytes / limit };
}
