import type { EventStore } from "ventyd";
import { expect } from "vitest";
import { Worker } from "../support/worker.ts";

/** Where a process is killed that writes, in one transaction of its ORM, a row of the application's and two commits. */
const points = [
  "the application has written",
  "an entity is committed in it",
  "everything is written",
  "it is acknowledged",
];

/** Kills a process at each point, and looks at what it leaves behind: all of it, or nothing. */
export async function killJoined(
  { script, args }: { script: string; args: readonly string[] },
  store: Pick<EventStore<never>, "load">,
  rows: () => Promise<readonly string[]>,
): Promise<void> {
  for (const point of points) {
    const worker = new Worker(script, ...args, point);
    expect(await worker.ended.promise).toBe("SIGKILL");
    const isWritten = point === "it is acknowledged";
    const events = await store.load({ entityName: "counter", entityId: point });
    expect({ point, rows: await rows(), versions: events.map(({ version }) => version) }).toEqual({
      point,
      rows: isWritten ? [point] : [],
      versions: isWritten ? [1, 2, 3] : [],
    });
  }
}
