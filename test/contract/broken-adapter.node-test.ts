// Run by broken-adapters.test.ts: the adapter of the example with a defect, named by the environment.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import type { Adapter } from "ventyd";
import { adapterContract } from "ventyd/testing";
import { createJsonFileAdapter } from "../../examples/adapter/json-file-adapter.ts";

const defects: { readonly [name: string]: (adapter: Adapter) => Partial<Adapter> } = {
  "drops the last event of a batch": (adapter) => ({
    commitEvents: (args) =>
      adapter.commitEvents({ ...args, events: args.events.length > 1 ? args.events.slice(0, -1) : args.events }),
  }),
  "ignores entityName": (adapter) => ({
    getEventsByEntityId: (args) => adapter.getEventsByEntityId({ ...args, entityName: "thing" }),
    commitEvents: (args) =>
      adapter.commitEvents({
        ...args,
        entityName: "thing",
        events: args.events.map((event) => ({ ...event, entityName: "thing" })),
      }),
  }),
  "gives the newest event first": (adapter) => ({
    getEventsByEntityId: async (args) => (await adapter.getEventsByEntityId(args)).reverse(),
  }),
  "ignores expectedVersion": (adapter) => ({
    commitEvents: ({ expectedVersion: _, ...args }) => adapter.commitEvents(args),
  }),
  "takes a time for a date": (adapter) => ({
    commitEvents: (args) =>
      adapter.commitEvents({
        ...args,
        events: args.events.map((event) => ({
          ...event,
          eventCreatedAt: new Date(event.eventCreatedAt).toISOString(),
        })),
      }),
  }),
  "says that it keeps metadata, and does not": (adapter) => ({
    commitEvents: (args) =>
      adapter.commitEvents({
        ...args,
        events: args.events.map(
          ({ metadata: _, ...event }: (typeof args.events)[number] & { metadata?: object }) => event,
        ),
      }),
  }),
};

const plant = defects[process.env.DEFECT ?? ""];
if (plant === undefined) throw new Error(`no such defect: ${process.env.DEFECT}`);

adapterContract({ describe, test }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "adapter-"));
  const adapter = createJsonFileAdapter(path.join(folder, "events.json"));
  return { store: { ...adapter, ...plant(adapter) }, close: () => rmSync(folder, { recursive: true }) };
});
