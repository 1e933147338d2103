import type { FaultsReport } from "./run-faults.ts";
import { promises } from "./facts.ts";

/** The table that a run ends with. */
export function table(report: FaultsReport): string {
  const broken = new Map<string, number>();
  for (const { kind } of report.violations) broken.set(promises[kind], (broken.get(promises[kind]) ?? 0) + 1);
  const { title, stored, burned, acknowledged } = report;
  return [
    `${title}: ${acknowledged} commits acknowledged, ${stored} events stored, ${burned} positions drawn for nothing`,
    "",
    ...columns("what was checked", "cases", "broken"),
    ...[...report.checked].flatMap(([promise, cases]) => columns(promise, cases, broken.get(promise) ?? 0)),
    "",
    ...columns("what went wrong around it", "times", ""),
    ...[...report.faults].flatMap(([name, times]) =>
      typeof times === "number" ? columns(name, times, "") : [`  ${name}: not to be had here: ${times}`],
    ),
    "",
    ...columns("what callers were told", "times", ""),
    ...[...report.errors].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([code, times]) => columns(code, times, "")),
  ].join("\n");
}

function columns(text: string, first: number | string, second: number | string): string[] {
  return [`  ${text.padEnd(66)}${String(first).padStart(10)}${String(second).padStart(8)}`.trimEnd()];
}
