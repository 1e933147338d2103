import { openStore } from "../faults/stores.ts";

/** Appends many large bodies at once: together they are more than this process has memory for. */
const [kind, place, count, size] = process.argv.slice(2) as [string, string, string, string];
const { store, close } = await openStore(kind, place);
const body = { text: "x".repeat(Number(size)) };
const rows = await Promise.all(
  Array.from({ length: Number(count) }, (_, n) =>
    store.append([
      {
        entityName: "note",
        entityId: `n${n}`,
        expectedVersion: 0,
        events: [
          {
            eventId: `e${n}`,
            eventName: "note:written",
            eventCreatedAt: "2026-01-01T00:00:00.000Z",
            body,
            metadata: {},
            bodyIsOutput: true,
          },
        ],
      },
    ]),
  ),
);
process.stdout.write(String(rows.filter(([row]) => row?.status === "written").length));
await close();
