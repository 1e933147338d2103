import type { Figures, Point } from "./figures.ts";

const [width, height, margin] = [360, 230, 66];
const colours = ["#2563eb", "#d97706", "#059669"];

const titles = { byStored: "events in the store", byEntity: "events of the entity" };

/** Two panels with logarithmic axes; for each store a line for the commits and a broken one for the loads. */
export function toSvg(figures: Figures): string {
  const stores = Object.values(figures);
  const points = stores.flatMap(({ byStored, byEntity }) => [...byStored, ...byEntity]);
  const y = axis(
    points.flatMap(({ commit, load }) => [commit, load]),
    height,
    0,
  );
  const panels = (["byStored", "byEntity"] as const).map((what, index) =>
    panel(
      index,
      titles[what],
      y,
      stores.map((store) => store[what]),
    ),
  );
  const keys = Object.keys(figures).map((name, index) => `<tspan fill="${colours[index]}">${name}</tspan>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * (width + 1.5 * margin)} ${height + 110}" font-family="sans-serif" font-size="12">
<title>Cost of a commit and of a load, by what is stored</title>
<style>path { stroke: #ddd } polyline { fill: none; stroke-width: 2 } .load { stroke-dasharray: 5 4 }</style>
<rect width="100%" height="100%" fill="#fff"/>
${panels.join("\n")}
<text x="${margin}" y="${height + 96}">${[...keys, "whole: commit of one event, broken: load"].join(" · ")}</text>
</svg>
`;
}

function panel(index: number, title: string, y: Axis, ofStores: readonly (readonly Point[])[]): string {
  const x = axis(
    ofStores.flat().map(({ events }) => events),
    0,
    width,
  );
  const line = (points: readonly Point[], what: "commit" | "load", store: number) =>
    `<polyline class="${what}" stroke="${colours[store]}" points="${points.map((point) => `${x.at(point.events)},${y.at(point[what])}`).join(" ")}"/>`;
  return `<g transform="translate(${margin + index * (width + 1.5 * margin)} 24)">
${y.ticks.map((tick) => `<path d="M0 ${y.at(tick)}H${width}"/><text x="-6" y="${y.at(tick) + 4}" text-anchor="end">${tick} ms</text>`).join("\n")}
${x.ticks.map((tick) => `<path d="M${x.at(tick)} 0V${height}"/><text x="${x.at(tick)}" y="${height + 18}" text-anchor="middle">${tick.toLocaleString("en")}</text>`).join("\n")}
${ofStores.map((points, store) => line(points, "commit", store) + line(points, "load", store)).join("\n")}
<text x="${width / 2}" y="${height + 40}" text-anchor="middle">${title}</text>
</g>`;
}

type Axis = ReturnType<typeof axis>;

/** Whole powers of ten around the values, from one coordinate to another. */
function axis(values: readonly number[], from: number, to: number) {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  const at = (value: number) => Math.round(from + ((Math.log10(value) - first) / (last - first)) * (to - from));
  return { at, ticks: Array.from({ length: last - first + 1 }, (_, index) => Number(`1e${first + index}`)) };
}
