import { ConcurrencyError, EntityExistsError, ValidationError } from "../../errors/index.ts";
import type { BaseEventType } from "../../schema/event.ts";
import { inTableOrder } from "../../schema/legacy-stream.ts";
import type { Adapter } from "../../storage/types.ts";
import { asInput, fromRow, toRow } from "./rows.ts";
import type { AnySchema, BaseEventRow, BaseSnapshotRow, VentydAdapterOptions } from "./types.ts";
import { isUniqueViolation } from "./unique-violation.ts";

/** Names an entity's stream. */
interface Stream {
  readonly entityName: string;
  readonly entityId: string;
}

/** What a commit hands over, whichever the schema. */
interface CommitArgs extends Stream {
  readonly events: readonly BaseEventType[];
  readonly state: unknown;
  readonly expectedVersion?: number;
}

/**
 * Keeps events in tables of a Prisma client: a table of events, a view with one row for each entity, and a table of snapshots, all
 * written in one transaction per commit.
 *
 * The table of events must have a unique index over `entityName`, `entityId` and `version`: it is what keeps two writers apart. A commit
 * that it refuses is a `ConcurrencyError`; other unique violations are thrown as Prisma throws them.
 *
 * @throws {ValidationError} `invalid_option`.
 *
 * @example
 * const adapter = prismaAdapter({
 *   prisma,
 *   schema: postSchema,
 *   tables: { event: prisma.event, snapshot: prisma.snapshot, view: prisma.postView },
 *   entityToViewRow: ({ entityId, state, version }) => ({ entityId, title: state.title, version }),
 *   snapshotEvery: 100,
 *   metadata: true,
 * });
 * const posts = createRepository(Post, { adapter });
 */
export function prismaAdapter<
  TSchema = AnySchema,
  TEventRow extends BaseEventRow = BaseEventRow,
  TEventRowInput = never,
  TSnapshotRow extends BaseSnapshotRow = BaseSnapshotRow,
  TSnapshotRowInput = never,
  // biome-ignore lint/suspicious/noExplicitAny: where only the schema is given, a row may be anything
  TViewRowInput = any,
  TCompoundKey extends string = never,
>(
  options: VentydAdapterOptions<
    TSchema,
    TEventRow,
    TEventRowInput,
    TSnapshotRow,
    TSnapshotRowInput,
    TViewRowInput,
    TCompoundKey
  >,
): Adapter<TSchema> {
  const { prisma, tables, snapshotEvery, metadata: keepsMetadata = false, compoundKey } = options;
  if (snapshotEvery !== undefined && !(Number.isInteger(snapshotEvery) && snapshotEvery >= 1)) {
    throw new ValidationError(
      "invalid_option",
      `Invalid option: snapshotEvery is ${snapshotEvery}. Give a whole number of at least 1.`,
    );
  }

  async function eventsOf({ entityName, entityId }: Stream, afterVersion?: number): Promise<BaseEventType[]> {
    const where = { entityName, entityId, ...(afterVersion !== undefined && { version: { gt: afterVersion } }) };
    return inTableOrder((await tables.event.findMany({ where })).map((row) => fromRow(row, keepsMetadata)));
  }

  async function snapshotOf({ entityName, entityId }: Stream): Promise<{ state: never; version: number } | null> {
    const row = await tables.snapshot.findFirst({ where: { entityId, entityName } });
    return row && { state: row.state as never, version: row.version };
  }

  /** The newest version that is stored, at or above a given one; 0 where there is none. */
  async function headOf({ entityName, entityId }: Stream, least: number): Promise<number> {
    const where = { entityName, entityId, version: { gt: least - 1 } };
    return (await tables.event.findFirst?.({ where, orderBy: { version: "desc" } }))?.version ?? 0;
  }

  /**
   * Whether others have written since the version that a commit stands on. The unique index tells as much, and alone tells it of those who
   * write at the same time; it does not see a version that is not there, over which a commit would leave a hole.
   *
   * @throws {ConcurrencyError} the version is not stored.
   */
  async function isOvertaken(stream: Stream, expectedVersion: number): Promise<boolean> {
    if (tables.event.findFirst === undefined) return false;
    const head = await headOf(stream, expectedVersion);
    if (head > 0 || expectedVersion === 0) return head > expectedVersion;
    // Events that a snapshot stands for may have been taken out of the table.
    if ((await snapshotOf(stream))?.version === expectedVersion) return false;
    throw conflict(stream, expectedVersion, await headOf(stream, 1));
  }

  /**
   * Tells what a commit came to that could not be written: nothing is wrong where its events are stored already, for then it is the answer
   * that was lost.
   *
   * @returns how many of them are stored; 0 where nobody has written since, and something other than the version is in the way.
   * @throws {ConcurrencyError}
   */
  async function storedOf(stream: Stream, expectedVersion: number, events: readonly BaseEventType[]): Promise<number> {
    const later = await eventsOf(stream, expectedVersion);
    // Others may follow where all are stored; where only the first ones are, what was dispatched after the lost answer follows.
    const shared = Math.min(later.length, events.length);
    if (events.slice(0, shared).every(({ eventId }, index) => later[index]?.eventId === eventId)) return shared;
    throw conflict(stream, expectedVersion, later.at(-1)?.version ?? expectedVersion);
  }

  async function commit(args: CommitArgs): Promise<void> {
    const { entityName, entityId, events, state, expectedVersion } = args;
    const [first, last] = [events[0], events.at(-1)];
    if (first === undefined || last === undefined) return;
    const stream = { entityName, entityId };
    const base = expectedVersion ?? (first.version ?? 1) - 1;
    const rest = (stored: number) => commit({ ...args, events: events.slice(stored), expectedVersion: base + stored });
    if (await isOvertaken(stream, base)) {
      const stored = await storedOf(stream, base, events);
      if (stored > 0) return rest(stored);
    }

    const data = events.map((event) => toRow(event, keepsMetadata)) as never[];
    const version = last.version ?? 0;
    const where = (compoundKey === undefined ? { entityId } : { [compoundKey]: stream }) as never;
    const view = options.entityToViewRow({ entityId, entityName: entityName as never, state: state as never, version });
    // Made before the transaction, which takes them as they are: the form in which they are one round trip.
    const commands = [tables.event.createMany({ data }), tables.view.upsert({ where, update: view, create: view })];
    if (snapshotEvery !== undefined && crosses(snapshotEvery, (first.version ?? 1) - 1, version)) {
      const snapshot = { entityId, entityName, state: asInput(state), version } as never;
      commands.push(tables.snapshot.upsert({ where, update: snapshot, create: snapshot }));
    }
    try {
      await prisma.$transaction(commands);
    } catch (error) {
      const stored = isUniqueViolation(error) ? await storedOf(stream, base, events) : 0;
      if (stored === 0) throw error;
      return rest(stored);
    }
  }

  return {
    ...(keepsMetadata && { storesMetadata: true }),
    async getEventsByEntityId({ entityName, entityId, afterVersion }) {
      return (await eventsOf({ entityName, entityId }, afterVersion)) as never[];
    },
    getSnapshot: snapshotOf,
    commitEvents: (args) => commit(args as CommitArgs),
  };
}

/** A commit rarely ends on a multiple: crossing one is what counts. */
function crosses(every: number, before: number, after: number): boolean {
  return Math.floor(before / every) < Math.floor(after / every);
}

function conflict(stream: Stream, expectedVersion: number, actualVersion: number): ConcurrencyError {
  const facts = { ...stream, expectedVersion, actualVersion };
  return expectedVersion === 0 ? new EntityExistsError(facts) : new ConcurrencyError(facts);
}
