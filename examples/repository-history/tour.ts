import { isDeepStrictEqual } from "node:util";
import type { Change, HistoryEntry } from "ventyd";
import { describeChanges } from "./describe-changes.ts";
import type { File, FileState } from "./file.ts";
import type { FileDatabase, FileRepository } from "./file-repository.ts";
import type { History } from "./history.ts";
import { type ImportResult, importHistory } from "./import-history.ts";
import { column, count, type Terminal } from "./terminal.ts";

/** What the tour works on. */
export interface TourOptions {
  files: FileDatabase;
  history: History;
  /** What the history is called. */
  source: string;
  /** ISO 8601 instant; default when the middle commit was made. */
  asOf: string | undefined;
  terminal: Terminal;
}

/** What the tour has found; `events`, `entities`, `alive` and `lines` are the import alone. */
export interface Figures {
  commits: number;
  events: number;
  entities: number;
  alive: number;
  lines: number;
  asOf: { at: string; alive: number; lines: number };
  /** `null` where no file has a version to go back to. */
  rollback: { entityId: string; toVersion: number; ok: boolean } | null;
}

const dangers = {
  power_loss: "a loss of power",
  process_crash: "a crash of the process",
  none: "neither a crash nor a loss of power",
};

/** Imports a history and shows what one can ask of it afterwards. */
export async function takeTour(options: TourOptions): Promise<Figures> {
  const imported = await showImport(options);
  const { files, commits, events } = imported;
  const busiest = busiestFile(files);
  await showAuditLog(options, busiest);
  const asOf = await showTimeTravel(options, imported);
  const rollback = busiest.version < 2 ? null : await showRollback(options, busiest);
  return { commits, events, entities: files.size, ...totals(statesOf(files)), asOf, rollback };
}

async function showImport({
  files: { repository, store, place },
  history,
  source,
  terminal,
}: TourOptions): Promise<ImportResult> {
  const { say, style } = terminal;
  say(style("bold", `Importing ${source} into ${place}`));
  const start = performance.now();
  const imported = await importHistory(repository, history, ({ commits, events, at }) => {
    terminal.progress(() => `  ${at.slice(0, 10)}  ${count(commits)} commits, ${count(events)} events`);
  });
  const seconds = (performance.now() - start) / 1000;
  const { commits, events, written, files } = imported;
  say(`  ${count(commits)} commits, ${count(events)} events, ${count(files.size)} files`);
  say(`  ${seconds.toFixed(2)} s, ${count(Math.round(events / seconds))} events/s; every commit is one transaction`);
  if (written < events) say(`  ${count(events - written)} events were stored already and have not been written again`);
  const { survives, because } = (await store.status()).durability;
  say(`  what is stored survives ${dangers[survives]} (${because})`);
  return imported;
}

/** The file with most events; of several, the one whose id comes first. */
function busiestFile(files: ReadonlyMap<string, File>): File {
  return [...files.values()].reduce((busiest, file) =>
    file.version > busiest.version || (file.version === busiest.version && file.entityId < busiest.entityId)
      ? file
      : busiest,
  );
}

async function showAuditLog({ files: { repository }, terminal }: TourOptions, { entityId }: File): Promise<void> {
  title(terminal, `Who changed ${entityId}, when and why?`);
  await showNewest(repository, entityId, 8, terminal);
}

async function showNewest(repository: FileRepository, entityId: string, limit: number, terminal: Terminal) {
  const newest = await repository.history({ entityId, order: "desc", limit });
  const earlier = (newest.at(-1)?.event.version ?? 1) - 1;
  if (earlier > 0) terminal.say(terminal.style("dim", `     ... ${count(earlier)} events before these`));
  for (const entry of newest.toReversed()) terminal.say(auditLine(entry, terminal));
}

async function showTimeTravel(
  { files: { repository }, terminal, ...options }: TourOptions,
  { files, instants }: ImportResult,
): Promise<Figures["asOf"]> {
  const at = options.asOf ?? (instants[Math.floor(instants.length / 2)] as string);
  const past = new Map<string, FileState>();
  for (const entityId of files.keys()) {
    const file = await repository.findOne({ entityId, at });
    if (file !== null) past.set(entityId, file.state);
  }
  const [then, now] = [totals(past), totals(statesOf(files))];

  title(terminal, `What did the repository look like on ${at}?`);
  const row = (label: string, ...cells: string[]) =>
    terminal.say(`  ${column(label, 44)}${cells.map((cell) => cell.padStart(12)).join("")}`);
  row("", "then", "now");
  row("files", count(then.alive), count(now.alive));
  row("lines", count(then.lines), count(now.lines));
  const largest = [...past].sort(([, a], [, b]) => b.lines - a.lines).filter(([, { exists }]) => exists);
  for (const [entityId, { lines }] of largest.slice(0, 5)) {
    const current = (files.get(entityId) as File).state;
    row(`  ${entityId}`, count(lines), current.exists ? count(current.lines) : "gone");
  }
  return { at, ...then };
}

async function showRollback(
  { files: { repository, storedRows }, terminal }: TourOptions,
  busiest: File,
): Promise<NonNullable<Figures["rollback"]>> {
  const { say, style } = terminal;
  const { entityId } = busiest;
  const toVersion = Math.floor(busiest.version / 2);

  title(terminal, `What has changed in ${entityId} between versions ${toVersion} and ${busiest.version}?`);
  list(terminal, await repository.diff({ entityId, from: toVersion, to: busiest.version }));

  title(terminal, `What would going back to version ${toVersion} do?`);
  const preview = await repository.previewRollback({ entityId, toVersion });
  const [undone, related] = [count(preview.undone.length), count(preview.related.length)];
  say(`  undo ${undone} events; ${related} in other files belong to the same commits and stay`);
  if (preview.changes.length === 0) say("  no difference: an earlier rollback has led there already");
  list(terminal, preview.changes);

  title(terminal, "Go back. What was deleted?");
  const before = await storedRows(entityId);
  const then = await repository.findOneOrThrow({ entityId, version: toVersion });
  const { version } = await repository.rollback(preview, { actor: "you", reason: "Rollbacks delete nothing" });
  const now = await repository.findOneOrThrow({ entityId });
  const after = await storedRows(entityId);

  const restored = isDeepStrictEqual(now.state, then.state);
  const appended = version === preview.version + 1 && version === now.version && version === after.length;
  const kept = before.length === preview.version && isDeepStrictEqual(after.slice(0, -1), before);
  await showNewest(repository, entityId, 5, terminal);
  const proof = (holds: boolean, text: string) => say(`  ${holds ? style("green", "✓") : style("red", "✗")} ${text}`);
  proof(restored, `the state is that of version ${toVersion}`);
  proof(appended, `the rollback is event ${version}, with its actor and reason, and can be undone like any other`);
  proof(kept, `nothing: the ${count(before.length)} events before it stand in the database unchanged, byte for byte`);
  return { entityId, toVersion, ok: restored && appended && kept };
}

function statesOf(files: ReadonlyMap<string, File>): Map<string, FileState> {
  return new Map([...files].map(([entityId, { state }]) => [entityId, state]));
}

/** How many files there are, and how many lines they have together. */
function totals(states: ReadonlyMap<string, FileState>): { alive: number; lines: number } {
  const alive = [...states.values()].filter(({ exists }) => exists);
  return { alive: alive.length, lines: alive.reduce((sum, { lines }) => sum + lines, 0) };
}

function title({ say, style, width }: Terminal, text: string): void {
  say();
  say(style("bold", column(text, width - 1).trimEnd()));
}

function list({ say, width }: Terminal, changes: readonly Change[]): void {
  for (const line of describeChanges(changes)) say(`  ${column(line, width - 3).trimEnd()}`);
}

/** One event on one line: version, when, who, what, why, and what it changed. */
function auditLine({ event, changes, effective }: HistoryEntry, { width, style }: Terminal): string {
  const { version, eventCreatedAt, eventName, metadata } = event;
  const fixed = [
    `v${version}`.padStart(6),
    eventCreatedAt.slice(0, 10),
    column(metadata.actor ?? "", 15),
    column(eventName.slice(eventName.indexOf(":") + 1), 12),
  ].join("  ");
  const rest = Math.max(width - fixed.length - 5, 40);
  const why = column(metadata.reason ?? "", Math.floor(rest / 2));
  const effects = effective ? describeChanges(changes.filter(({ path }) => path !== "/revisions")) : ["undone"];
  const line = `${fixed}  ${why}  ${column(effects.join(", "), Math.ceil(rest / 2))}`.trimEnd();
  return effective ? line : style("dim", line);
}
