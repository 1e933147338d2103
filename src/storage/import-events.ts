import { checkCustomName, type Metadata, splitMetadata } from "../attribution/metadata.ts";
import { ValidationError, VentydError } from "../errors/index.ts";
import { toJson } from "../util/json.ts";
import { checkWhole } from "./check-commits.ts";
import type { AcceptedRow } from "./refusal.ts";
import type { CommitRow, EntityCommit, ImportedEvent, ImportResult, NewEvent } from "./types.ts";

/** How many events one transaction of an import writes. */
const pageSize = 500;

/** Events of one entity that follow each other, in the import and in the entity. */
interface Run {
  readonly entityName: string;
  readonly entityId: string;
  readonly expectedVersion: number;
  readonly events: NewEvent[];
}

/**
 * `import` of every store: pages of runs, each run a commit that the decision table of `append` makes repeatable.
 *
 * @param append the store's own, without its attribution policy: what happened elsewhere cannot be made to say more.
 */
export async function importEvents(
  append: (commits: readonly EntityCommit[]) => Promise<readonly CommitRow[]>,
  /** The last position before the import. */
  frontier: number,
  events: Iterable<ImportedEvent> | AsyncIterable<ImportedEvent>,
): Promise<ImportResult> {
  const result = { imported: 0, skipped: 0 };
  // What stands up to here was there before the page.
  let head = frontier;
  const versions = new Map<string, number>();
  let page: Run[] = [];
  let size = 0;
  const flush = async () => {
    const rows = page.length === 0 ? [] : await append(page);
    for (const { events } of accepted(page, rows)) {
      const skipped = events.filter(({ position }) => position <= head).length;
      result.skipped += skipped;
      result.imported += events.length - skipped;
      head = Math.max(head, ...events.map(({ position }) => position));
    }
    page = [];
    size = 0;
  };
  for await (const event of events) {
    const { entityName, entityId } = event;
    const entity = JSON.stringify([entityName, entityId]);
    const version = event.version ?? (versions.get(entity) ?? 0) + 1;
    checkWhole("version", version, 1);
    const last = page.at(-1);
    const follows =
      last?.entityName === entityName &&
      last.entityId === entityId &&
      version === last.expectedVersion + last.events.length + 1;
    if (follows) last.events.push(newEvent(event));
    else page.push({ entityName, entityId, expectedVersion: version - 1, events: [newEvent(event)] });
    versions.set(entity, version);
    size++;
    if (size === pageSize) await flush();
  }
  await flush();
  return result;
}

function newEvent(event: ImportedEvent): NewEvent {
  const { eventId, eventName, eventCreatedAt, recordedAt, bodyIsOutput = false, isErased } = event;
  const metadata = toJson(event.metadata ?? {}, `the metadata of "${eventName}"`);
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    throw new ValidationError(
      "invalid_metadata",
      `Invalid metadata: that of "${eventName}" (${eventId}) is no object. Give names and values, such as { actor: "alice" }.`,
    );
  }
  for (const name of Object.keys(splitMetadata(metadata as Metadata).custom)) checkCustomName(name);
  return {
    eventId,
    eventName,
    eventCreatedAt,
    body: toJson(event.body, `the body of "${eventName}"`),
    metadata: metadata as Metadata,
    bodyIsOutput,
    recordedAt,
    isErased,
  };
}

/** @throws {VentydError} `import_conflict`. */
function accepted(runs: readonly Run[], rows: readonly CommitRow[]): readonly AcceptedRow[] {
  for (const [index, row] of rows.entries()) {
    if (row.status === "written" || row.status === "duplicate" || row.status === "held_back") continue;
    const { entityName, entityId, expectedVersion, events } = runs[index] as Run;
    const versions = events.length === 1 ? "version" : `versions ${expectedVersion + 1} to`;
    const found = "actualVersion" in row ? `, which is at version ${row.actualVersion} here,` : "";
    throw new VentydError(
      "import_conflict",
      `Import refused: ${versions} ${expectedVersion + events.length} of ${entityName} "${entityId}" in the import cannot follow or repeat what is stored${found} and nothing of this page was written. ` +
        "Another event has the version or the id, or versions before it are missing; what came before this page is stored, so mend the input and run it again.",
    );
  }
  return rows as readonly AcceptedRow[];
}
