import { type BaseEventType, ConcurrencyError } from "ventyd";
import { adapterContract } from "ventyd/testing";
import { describe, test } from "vitest";

/** The smallest adapter that there is. */
function createArrayAdapter() {
  const log: BaseEventType[] = [];
  return {
    log,
    async getEventsByEntityId({ entityName, entityId }: { entityName: string; entityId: string }) {
      return log.filter((event) => event.entityName === entityName && event.entityId === entityId);
    },
    async commitEvents({ events }: { events: BaseEventType[] }) {
      log.push(...events);
    },
  };
}

/** One that does all that an adapter may do. */
function createCarefulAdapter() {
  const adapter = createArrayAdapter();
  const snapshots = new Map<string, { state: unknown; version: number }>();
  const keyOf = (args: { entityName: string; entityId: string }) => JSON.stringify([args.entityName, args.entityId]);
  return {
    ...adapter,
    storesMetadata: true,
    async getEventsByEntityId(args: { entityName: string; entityId: string; afterVersion?: number }) {
      const { afterVersion = 0 } = args;
      return (await adapter.getEventsByEntityId(args)).filter(({ version = 0 }) => version > afterVersion);
    },
    async commitEvents(args: {
      entityName: string;
      entityId: string;
      events: BaseEventType[];
      expectedVersion: number;
    }) {
      const { entityName, entityId, expectedVersion } = args;
      const actualVersion = adapter.log.filter((event) => keyOf(event) === keyOf(args)).length;
      if (expectedVersion !== actualVersion) {
        throw new ConcurrencyError({ entityName, entityId, expectedVersion, actualVersion });
      }
      await adapter.commitEvents(args);
    },
    async getSnapshot(args: { entityName: string; entityId: string }) {
      return snapshots.get(keyOf(args)) ?? null;
    },
    async saveSnapshot({
      state,
      version,
      ...entity
    }: {
      entityName: string;
      entityId: string;
      state: unknown;
      version: number;
    }) {
      snapshots.set(keyOf(entity), { state, version });
    },
  };
}

describe("an adapter of two methods over an array, nothing checked", () => {
  adapterContract({ describe, test }, createArrayAdapter, { refusesStaleVersions: false });
});

describe("an adapter that does all that an adapter may do", () => {
  adapterContract({ describe, test }, createCarefulAdapter);
});
