import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { toSvg } from "./chart.ts";
import type { Figures, Point, StoreFigures } from "./figures.ts";

const docs = path.join(import.meta.dirname, "../../docs");

/** What the docs show of the figures: a chart, and the table with its numbers, between the two comments of the page. */
export const shown = {
  chart: { file: path.join(docs, "growth.svg"), renew: (_: string, figures: Figures) => toSvg(figures) },
  page: {
    file: path.join(docs, "benchmarks.md"),
    renew: (page: string, figures: Figures) =>
      page.replace(
        /(<!-- growth -->\n)[\s\S]*(<!-- \/growth -->)/,
        (_, start, end) => `${start}\n${toMarkdown(figures)}\n${end}`,
      ),
  },
};

export function writeShown(figures: Figures): void {
  for (const { file, renew } of Object.values(shown)) writeFileSync(file, renew(readFileSync(file, "utf8"), figures));
}

function toMarkdown(figures: Figures): string {
  const stores = Object.entries(figures);
  const taken = stores.map(([name, store]) => `- ${name}: ${store.taken}.`);
  const lines = stores.flatMap(([name, { byStored, byEntity }]) => [
    ...byStored.map((point) => [name, `${count(point)} in the store`, ...times(point)]),
    ...byEntity.map((point) => [name, `${count(point)} of the entity`, ...times(point)]),
  ]);
  const table = [["store", "events", "commit in ms", "load in ms"], ["---", "---", "---:", "---:"], ...lines];
  return `${taken.join("\n")}\n\n${table.map((line) => `| ${line.join(" | ")} |`).join("\n")}\n`;
}

/** The figures of one store for a terminal. */
export function toLines({ byStored, byEntity }: Pick<StoreFigures, "byStored" | "byEntity">): readonly string[] {
  const line = (point: Point, what: string) => {
    const [commit = "", load = ""] = times(point);
    return `${`${count(point)} ${what}`.padEnd(28)}${commit.padStart(12)}${load.padStart(12)}`;
  };
  return [
    `${"events".padEnd(28)}${"commit in ms".padStart(12)}${"load in ms".padStart(12)}`,
    ...byStored.map((point) => line(point, "in the store")),
    ...byEntity.map((point) => line(point, "of the entity")),
  ];
}

const count = ({ events }: Point) => events.toLocaleString("en");
const times = ({ commit, load }: Point) =>
  [commit, load].map((value) => value.toLocaleString("en", { maximumSignificantDigits: 3 }));
