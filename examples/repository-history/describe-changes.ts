import type { Change } from "ventyd";

/** Changes of a state in a few words per field: `lines 10 → 12`, `authors + "ann", + "ben" and 3 more`. */
export function describeChanges(changes: readonly Change[]): string[] {
  const byField = Map.groupBy(changes.flatMap(wholeState), ({ path }) => path.split("/")[1] ?? "");
  return [...byField].map(([field, ofField]) => {
    const shown = ofField.slice(0, 2).map(describe).join(", ");
    return `${field} ${shown}${ofField.length > 2 ? ` and ${ofField.length - 2} more` : ""}`;
  });
}

/** The first event of an entity adds its state as a whole; each field of it is worth its own words. */
function wholeState(change: Change): Change | Change[] {
  const { op, path } = change;
  if (path !== "" || op !== "add" || typeof change.value !== "object" || change.value === null) return change;
  return Object.entries(change.value).map(([field, value]) => ({ op, path: `/${field}`, value }));
}

function describe(change: Change): string {
  if (change.op === "add") return `+ ${show(change.value)}`;
  if (change.op === "remove") return `- ${show(change.previous)}`;
  return `${show(change.previous)} → ${show(change.value)}`;
}

function show(value: unknown): string {
  return typeof value === "number" ? value.toLocaleString("en-US") : JSON.stringify(value);
}
