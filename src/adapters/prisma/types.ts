import type { Schema } from "../../schema/define-schema.ts";
import type { BaseEventType } from "../../schema/event.ts";
import type { InferEntityNameFromSchema, InferStateFromSchema } from "../../schema/infer.ts";

/** A row of the table of events. */
export type BaseEventRow = {
  eventId: string;
  eventName: string;
  entityId: string;
  entityName: string;
  eventCreatedAt: Date;
  body: unknown;
  /** Null where the row was written before events had versions. */
  version?: number | null;
  metadata?: unknown;
};

/** A row of the table of snapshots. */
export type BaseSnapshotRow = { entityId: string; entityName: string; state: unknown; version: number };

/** A schema of which nothing is known; a state of it can be read like any other, as where nobody says the type. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnySchema = Schema<string, BaseEventType, any, string, {}>;

/** How the row of an entity is named where there is one at most: by its id, or by a compound key that holds its name too. */
type KeyOf<TCompoundKey extends string> = [TCompoundKey] extends [never]
  ? { entityId: string }
  : { [K in TCompoundKey]: { entityName: string; entityId: string } };

/** What `prismaAdapter` is made of. The rows are inferred from the tables. */
export type VentydAdapterOptions<
  TSchema,
  TEventRow extends BaseEventRow,
  TEventRowInput,
  TSnapshotRow extends BaseSnapshotRow,
  TSnapshotRowInput,
  TViewRowInput,
  TCompoundKey extends string = never,
> = {
  /** The client. */
  // biome-ignore lint/suspicious/noExplicitAny: the client takes commands of its own only, which is what its tables make
  prisma: { $transaction: (commands: any[]) => Promise<unknown[]> };
  /** The schema of the entities, for the type of the state in `entityToViewRow`. */
  schema?: TSchema;
  /** Keeps a snapshot whenever a commit reaches or crosses a multiple of it: a whole number of at least 1. Default: never. */
  snapshotEvery?: number;
  /** The table of events has a column `metadata`: who, when and why are kept, and rollbacks allowed. Default false. */
  metadata?: boolean;
  /**
   * Name of the unique key over `entityName` and `entityId` that the tables of views and snapshots have: `"entityName_entityId"` for
   * `@@id([entityName, entityId])`. Default: they have one over `entityId` alone, and hold entities of one name only.
   */
  compoundKey?: TCompoundKey;
  /** The client's tables, `prisma.event` and so on, by what they hold. */
  tables: {
    event: {
      findMany(args?: {
        where: { entityName: string; entityId: string; version?: { gt: number } };
      }): Promise<TEventRow[]>;
      createMany(args?: { data: TEventRowInput[] }): Promise<unknown>;
      /** Every table of a client has it; where it is missing, what a commit stands on is not looked for. */
      findFirst?(args: {
        where: { entityName: string; entityId: string; version: { gt: number } };
        orderBy: { version: "desc" };
      }): Promise<TEventRow | null>;
    };
    snapshot: {
      findFirst(args: { where: { entityId: string; entityName: string } }): Promise<TSnapshotRow | null>;
      upsert(args: {
        where: KeyOf<NoInfer<TCompoundKey>>;
        update: Partial<TSnapshotRowInput>;
        create: TSnapshotRowInput;
      }): Promise<unknown>;
    };
    view: {
      upsert(args: {
        where: KeyOf<NoInfer<TCompoundKey>>;
        update: Partial<TViewRowInput>;
        create: TViewRowInput;
      }): Promise<unknown>;
    };
  };
  /** The row of the view: what the entity has come to, for queries. Written in the transaction of the commit. */
  entityToViewRow(args: {
    entityId: string;
    entityName: InferEntityNameFromSchema<TSchema>;
    state: InferStateFromSchema<TSchema>;
    version: number;
  }): TViewRowInput;
};
