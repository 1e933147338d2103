import { ConcurrencyError, VentydError } from "ventyd";
import { File, type FileEvent } from "./file.ts";
import type { FileRepository } from "./file-repository.ts";
import { type Change, type Commit, type History, InputError } from "./history.ts";
import { identifier, storable } from "./identifier.ts";

/** How far an import has come. */
export interface ImportProgress {
  commits: number;
  events: number;
  /** Events that this run has written; the others were stored by an earlier one. */
  written: number;
  /** When the last commit was made. */
  at: string;
}

/** What an import has read. */
export interface ImportResult extends ImportProgress {
  /** Every file by id, in the state that the history leads to. */
  readonly files: ReadonlyMap<string, File>;
  /** `at` of every commit. */
  readonly instants: readonly string[];
}

/**
 * Records a history: each commit of it is one transaction over all the files that it touched.
 *
 * The files are rebuilt from the input, never loaded, and the ids of the events follow from the input too. So the import can be repeated,
 * or taken up where it was cut off: what is stored already is recognised and not written again.
 */
export async function importHistory(
  repository: FileRepository,
  history: History,
  onProgress: (progress: ImportProgress) => void = () => {},
): Promise<ImportResult> {
  const files = new Map<string, File>();
  const instants: string[] = [];
  const progress: ImportProgress = { commits: 0, events: 0, written: 0, at: "" };

  for await (const commit of history) {
    if (commit.changes.length === 0) continue;
    try {
      // #region commit
      const touched = recordCommit(files, commit);
      const results = await repository.commit([...touched], {
        actor: identifier(authorOf(commit)),
        reason: storable(commit.subject.trim() === "" ? "(no message)" : commit.subject),
        correlationId: identifier(commit.commit),
      });
      // #endregion
      progress.commits += 1;
      progress.at = commit.at;
      for (const { events, duplicate } of results) {
        progress.events += events.length;
        if (!duplicate) progress.written += events.length;
      }
    } catch (error) {
      throw explain(error, commit);
    }
    instants.push(commit.at);
    onProgress(progress);
  }
  if (progress.commits === 0) throw new InputError("The history is empty: there is no commit that changes a file.");
  return { ...progress, files, instants };
}

/** Dispatches the events of one commit, change by change, so that each one sees what those before it did. */
function recordCommit(files: Map<string, File>, commit: Commit): Set<File> {
  const touched = new Set<File>();
  let index = 0;
  const record = (path: string, event: FileEvent) => {
    const entityId = identifier(path);
    const options = { eventId: identifier(`${commit.commit}:${index++}`), eventCreatedAt: commit.at };
    let file = files.get(entityId);
    if (file === undefined) {
      file = File.create({ entityId, ...event, ...options });
      files.set(entityId, file);
    } else {
      file.record(event, options);
    }
    touched.add(file);
  };

  const author = authorOf(commit);
  for (const change of commit.changes) {
    if (change.op !== "renamed") {
      record(change.path, { eventName: `file:${change.op}`, body: { author, ...linesOf(change) } });
      continue;
    }
    const { path, from, added = 0, removed = 0 } = change;
    const lines = (files.get(identifier(from))?.state.lines ?? 0) + added - removed;
    record(from, { eventName: "file:moved_away", body: { author, to: path } });
    record(path, { eventName: "file:moved_in", body: { author, from, lines, ...linesOf(change) } });
  }
  return touched;
}

function authorOf({ author }: Commit): string {
  return author.trim() === "" ? "(unknown)" : author;
}

function linesOf({ added, removed }: Change): { added?: number; removed?: number } {
  return { ...(added !== undefined && { added }), ...(removed !== undefined && { removed }) };
}

/** What the library refuses is something about the input here; say which commit it is about. */
function explain(error: unknown, { commit }: Commit): unknown {
  if (error instanceof ConcurrencyError) {
    return new InputError(
      `Commit ${commit}: the database has other events of "${error.entityId}" than this history. Give each history a database of its own.`,
      { cause: error },
    );
  }
  return error instanceof VentydError ? new InputError(`Commit ${commit}: ${error.message}`, { cause: error }) : error;
}
