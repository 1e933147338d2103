import { prismaAdapter } from "ventyd/adapter/prisma";
import { describe, expect, test, vi } from "vitest";
import type { userSchema } from "./user-code.ts";

/** Tables that are made by hand, to see what they are called with; the real client is tried in test/prisma. */
function fakeTables(rows: object[] = [], snapshot: object | null = null) {
  const calls: string[] = [];
  const call = <T>(name: string, answer: T) =>
    vi.fn((_args: unknown) => {
      calls.push(name);
      return answer;
    });
  const tables = {
    event: { findMany: call("findMany", Promise.resolve(rows)), createMany: call("createMany", "create the events") },
    snapshot: { findFirst: call("findFirst", Promise.resolve(snapshot)), upsert: call("snapshot", "keep a snapshot") },
    view: { upsert: call("view", "keep the view") },
  };
  const prisma = {
    $transaction: vi.fn(async (commands: unknown[]) => {
      calls.push("$transaction");
      return commands;
    }),
  };
  const entityToViewRow = vi.fn(({ entityId, version }: { entityId: string; version: number }) => ({
    entityId,
    version,
  }));
  const open = (options: { snapshotEvery?: number } = {}) =>
    prismaAdapter<typeof userSchema>({
      prisma,
      tables: tables as never,
      entityToViewRow,
      ...options,
    });
  return { tables, prisma, entityToViewRow, calls, open };
}

const event = (version: number) => ({
  eventId: `e${version}`,
  eventCreatedAt: "2024-01-01T00:00:00.000Z",
  eventName: "user:deleted" as const,
  entityId: "u1",
  entityName: "user" as const,
  body: { reason: `${version}` },
  version,
});
const state = { nickname: "alice", email: "alice@example.com" };
const commit = (...versions: number[]) => ({
  entityName: "user" as const,
  entityId: "u1",
  events: versions.map(event),
  state,
  expectedVersion: (versions[0] as number) - 1,
});

describe("section 10: prismaAdapter", () => {
  test("has three methods and saves no snapshot on its own", () => {
    const { open } = fakeTables();
    const adapter = open();
    expect(adapter).toMatchObject({
      getEventsByEntityId: expect.any(Function),
      getSnapshot: expect.any(Function),
      commitEvents: expect.any(Function),
    });
    expect(adapter).not.toHaveProperty("saveSnapshot");
  });

  test("[T] looks for events by name and id, and after a version where there is one", async () => {
    const { tables, open } = fakeTables();
    const where = { entityName: "user", entityId: "u1" };
    await open().getEventsByEntityId(where);
    await open().getEventsByEntityId({ ...where, afterVersion: 5 });
    await open().getEventsByEntityId({ ...where, afterVersion: 0 });
    expect(tables.event.findMany.mock.calls).toStrictEqual([
      [{ where }],
      [{ where: { ...where, version: { gt: 5 } } }],
      [{ where: { ...where, version: { gt: 0 } } }],
    ]);
  });

  test("[T] makes events of rows, with times as texts and versions as they are", async () => {
    const row = { ...event(3), eventCreatedAt: new Date("2024-01-01T00:00:00.000Z") };
    const { open } = fakeTables([row]);
    expect(await open().getEventsByEntityId({ entityName: "user", entityId: "u1" })).toStrictEqual([event(3)]);
  });

  test("[T] looks for a snapshot by id and name, and finds state and version, or null", async () => {
    const kept = { entityId: "u1", entityName: "user", state, version: 5 };
    const { tables, open } = fakeTables([], kept);
    const found = await open().getSnapshot?.({ entityName: "user", entityId: "u1" });
    expect(found).toStrictEqual({ state, version: 5 });
    expect(tables.snapshot.findFirst.mock.calls).toStrictEqual([[{ where: { entityId: "u1", entityName: "user" } }]]);
    expect(await fakeTables().open().getSnapshot?.({ entityName: "user", entityId: "u1" })).toBeNull();
  });

  test("commits in one transaction of commands that were made before it: events, view, snapshot", async () => {
    const { tables, prisma, entityToViewRow, calls, open } = fakeTables();
    await open({ snapshotEvery: 5 }).commitEvents(commit(4, 5));
    expect(calls).toEqual(["createMany", "view", "snapshot", "$transaction"]);
    expect(prisma.$transaction.mock.calls).toEqual([[["create the events", "keep the view", "keep a snapshot"]]]);
    expect(tables.event.createMany.mock.calls).toStrictEqual([
      [
        {
          data: [4, 5].map((version) => ({ ...event(version), eventCreatedAt: new Date("2024-01-01T00:00:00.000Z") })),
        },
      ],
    ]);
    expect(entityToViewRow.mock.calls).toStrictEqual([[{ entityId: "u1", entityName: "user", state, version: 5 }]]);
  });

  test("[T] keeps the view by the entity's id", async () => {
    const { tables, open } = fakeTables();
    await open().commitEvents(commit(1));
    const row = { entityId: "u1", version: 1 };
    expect(tables.view.upsert.mock.calls).toStrictEqual([[{ where: { entityId: "u1" }, update: row, create: row }]]);
  });

  test("[T] keeps a snapshot by the entity's id, when the version is a multiple of snapshotEvery", async () => {
    const { tables, open } = fakeTables();
    await open({ snapshotEvery: 5 }).commitEvents(commit(3));
    await open().commitEvents(commit(5));
    expect(tables.snapshot.upsert).not.toHaveBeenCalled();
    await open({ snapshotEvery: 5 }).commitEvents(commit(5));
    const row = { entityId: "u1", entityName: "user", state, version: 5 };
    expect(tables.snapshot.upsert.mock.calls).toStrictEqual([
      [{ where: { entityId: "u1" }, update: row, create: row }],
    ]);
  });
});
