import { programOf100Events, typeCost } from "../../test/support/type-cost.ts";
import { median } from "../compare.ts";
import type { Row } from "../row.ts";

/** The declarations as they are published. */
const entries = { ventyd: "dist/index.d.ts", "ventyd/zod": "dist/zod.d.ts", "ventyd/valibot": "dist/valibot.d.ts" };

const limits = { instantiations: 100_000, seconds: 1 };

export const typeRows = (["zod", "valibot"] as const).flatMap((validator): readonly Row[] => [
  {
    name: `types: schema and handler map of 100 event types (${validator})`,
    unit: "instantiations",
    goal: { atMost: 1 },
    async measure() {
      const { instantiations } = typeCost(programOf100Events(validator), entries);
      return {
        ours: instantiations,
        beside: limits.instantiations,
        ratio: instantiations / limits.instantiations,
      };
    },
  },
  {
    name: `types: time to check them (${validator})`,
    unit: "s",
    goal: { atMost: 1 },
    async measure(seconds) {
      const runs = Array.from({ length: seconds < 2 ? 1 : 5 }, () => typeCost(programOf100Events(validator), entries));
      const checkSeconds = median(runs.map((run) => run.checkSeconds));
      return { ours: checkSeconds, beside: limits.seconds, ratio: checkSeconds / limits.seconds };
    },
  },
]);
