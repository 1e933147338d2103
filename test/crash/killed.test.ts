import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openStore } from "../support/temp-database.ts";
import { Worker } from "../support/worker.ts";

const script = fileURLToPath(new URL("./killed-child.ts", import.meta.url));

const points = [
  "the transaction has begun",
  "the application has written",
  "an entity is committed in it",
  "everything is written",
  "it is acknowledged",
];

test.for(["WAL", "DELETE"] as const)(
  "a process that is killed inside store.transaction leaves all of it or nothing: the application's rows and the events (%s)",
  async (journal) => {
    const { store, database, file } = await openStore({ journal });
    database.exec("CREATE TABLE application (text TEXT)");
    for (const point of points) {
      const worker = new Worker(script, file, point);
      expect(await worker.ended.promise).toBe("SIGKILL");
      const isWritten = point === "it is acknowledged";
      const rows = database.prepare("SELECT text FROM application").pluck().all();
      const events = await store.load({ entityName: "counter", entityId: point });
      expect({ point, rows, versions: events.map(({ version }) => version) }).toEqual({
        point,
        rows: isWritten ? [point, `${point}, again`] : [],
        versions: isWritten ? [1, 2, 3] : [],
      });
    }
    expect((await store.status()).frontier).toBe(3);
  },
);
