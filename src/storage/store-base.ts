import type { Metadata } from "../attribution/metadata.ts";
import type { BaseEventType, StoredEvent } from "../schema/event.ts";
import { toJson } from "../util/json.ts";
import { commitEntities } from "./committer.ts";
import { acceptedRows } from "./refusal.ts";
import { storeItself } from "./transaction.ts";
import type {
  Adapter,
  CommitOptions,
  CommitRow,
  CommittableEntity,
  EntityCommit,
  LoadQuery,
  StoreCapabilities,
  TransactionOption,
} from "./types.ts";

/** What every store is besides: known to repositories, for entities of any classes, and a plain adapter, for whoever uses it as one. */
export abstract class StoreBase<TClient> {
  readonly capabilities: StoreCapabilities = { metadata: true, atomicBatches: true };
  readonly storesMetadata = true;
  readonly [storeItself] = this;

  abstract append(
    commits: readonly EntityCommit[],
    options?: TransactionOption<TClient>,
  ): Promise<readonly CommitRow[]>;

  abstract loadHistory(query: LoadQuery, options?: TransactionOption<TClient>): Promise<readonly StoredEvent[]>;

  commit<const TEntities extends readonly CommittableEntity[]>(
    entities: TEntities,
    options?: CommitOptions & TransactionOption<TClient>,
  ) {
    return commitEntities(this, entities, options);
  }

  /** With metadata, as `storesMetadata` says. */
  async getEventsByEntityId(args: Parameters<Adapter["getEventsByEntityId"]>[0]): Promise<BaseEventType[]> {
    const events = await this.loadHistory(args);
    return events.map(({ position: _position, recordedAt: _recordedAt, bodyIsOutput: _isOutput, ...event }) => event);
  }

  /** A repository calls `append` itself. */
  async commitEvents(args: Parameters<Adapter["commitEvents"]>[0]): Promise<void> {
    const { entityName, entityId } = args;
    const expectedVersion = args.expectedVersion ?? ("any" as const);
    if (args.events.length === 0) return;
    const events = (args.events as (BaseEventType & { metadata?: Metadata })[]).map((event) => ({
      eventId: event.eventId,
      eventName: event.eventName,
      eventCreatedAt: event.eventCreatedAt,
      body: toJson(event.body, `the body of "${event.eventName}"`),
      metadata: event.metadata ?? {},
      bodyIsOutput: false,
    }));
    const commits = [{ entityName, entityId, expectedVersion, events }];
    acceptedRows(commits, await this.append(commits));
  }
}
