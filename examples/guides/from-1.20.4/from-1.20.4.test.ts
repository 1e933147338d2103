import { createMemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { printedBy } from "../printed-by.ts";
import { type OldEvent, toImport } from "./to-import.ts";

test("the lines to touch do what the guide says", async () => {
  expect(await printedBy("from-1.20.4/lines-to-touch.ts")).toHaveLength(5);
});

test("events without versions, with double ones and with unreadable times are moved, and the states stay what they were", async () => {
  const printed = await printedBy("from-1.20.4/move.ts");
  expect(printed.filter((line) => / true \d$/.test(line))).toHaveLength(3);
  expect(printed.slice(-3)).toEqual(["ann import_conflict", "bob invalid_instant", "cem invalid_instant"]);
});

test("an import that is run again brings what was written meanwhile", async () => {
  const events = [1, 2, 3].flatMap((version) =>
    ["ann", "bob"].map(
      (entityId): OldEvent => ({
        eventId: `${entityId}${version}`,
        eventName: "user:renamed",
        eventCreatedAt: `2023-01-0${version}T00:00:00Z`,
        entityName: "user",
        entityId,
        body: {},
        version: version === 1 ? 1 : version + 1,
      }),
    ),
  );
  const store = createMemoryStore();
  expect(await store.import(toImport(events.slice(0, 3)))).toEqual({ imported: 3, skipped: 0 });
  expect(await store.import(toImport(events))).toEqual({ imported: 3, skipped: 3 });
  expect(await store.load({ entityName: "user", entityId: "bob" })).toMatchObject([
    { eventId: "bob1", version: 1 },
    { eventId: "bob2", version: 2 },
    { eventId: "bob3", version: 3 },
  ]);
});

test("versions with holes are closed up, and an entity whose clock went back stays in order", () => {
  const event = (version: number | null, eventCreatedAt: string, entityId = "ann"): OldEvent => ({
    eventId: `${entityId}${version}`,
    eventName: "user:renamed",
    eventCreatedAt,
    entityName: "user",
    entityId,
    body: {},
    version,
  });
  const moved = toImport([
    event(5, "2023-01-03T00:00:00Z"),
    event(1, "2023-01-05T00:00:00Z"),
    event(1, "2023-01-04T00:00:00Z", "bob"),
    event(7, "never"),
    event(null, "never", "cem"),
  ]);
  expect(moved.map(({ eventId, version }) => [eventId, version])).toEqual([
    ["cemnull", 1],
    ["bob1", 1],
    ["ann1", 1],
    ["ann5", 2],
    ["ann7", 3],
  ]);
  expect(moved.find(({ eventId }) => eventId === "ann7")).toMatchObject({
    eventCreatedAt: "2023-01-05T00:00:00.000Z",
    metadata: { oldVersion: 7, oldCreatedAt: "never" },
  });
});
