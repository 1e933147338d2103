import { readFile, rename, writeFile } from "node:fs/promises";
import { type Adapter, type BaseEventType, ConcurrencyError } from "ventyd";

/** Keeps events in one JSON file, for one process at a time. */
export function createJsonFileAdapter(file: string): Adapter {
  let lastCommit: Promise<void> = Promise.resolve();

  async function readAll(): Promise<BaseEventType[]> {
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "[]";
      throw error;
    });
    return JSON.parse(text);
  }

  async function write({ entityName, entityId, events, expectedVersion }: Parameters<Adapter["commitEvents"]>[0]) {
    const stored = await readAll();
    const actualVersion = stored.filter(
      (event) => event.entityName === entityName && event.entityId === entityId,
    ).length;
    if (expectedVersion !== undefined && expectedVersion !== actualVersion) {
      throw new ConcurrencyError({ entityName, entityId, expectedVersion, actualVersion });
    }
    // Whole or not at all: a reader finds the old file or the new one.
    await writeFile(`${file}.new`, JSON.stringify([...stored, ...events]));
    await rename(`${file}.new`, file);
  }

  return {
    storesMetadata: true,
    async getEventsByEntityId({ entityName, entityId }) {
      const events = await readAll();
      return events.filter((event) => event.entityName === entityName && event.entityId === entityId);
    },
    commitEvents(args) {
      // One after the other: nobody else may write between the check and the write.
      const commit = lastCommit.then(() => write(args));
      lastCommit = commit.catch(() => {});
      return commit;
    },
  };
}
