import type { EventStore } from "../../storage/index.ts";
import { equal, matches } from "../expect.ts";
import { type DecisionRow, decisionTable } from "./decision-table.ts";
import { appendOne, commitOf, ids, storedIds, versions, write } from "./events.ts";
import type { Suite } from "./suite.ts";

/** The decision table of `append`, row by row. */
export function decisionCases({ describe, test }: Suite<EventStore>): void {
  describe("the decision table", () => {
    for (const row of decisionTable) test(row.title, async ({ createStore }) => follow(row, await createStore()));
  });
}

async function follow(
  { stored, expectedVersion, submitted, expectedEventId, decision }: DecisionRow,
  store: EventStore,
): Promise<void> {
  for (const [index, id] of stored.entries()) await write(store, commitOf("t", index, [id]));

  const row = await appendOne(store, commitOf("t", expectedVersion, submitted, { expectedEventId }));
  const found = await storedIds(store, "t");
  if (decision.kind === "conflict" || decision.kind === "corrupt_retry") {
    equal(row, { status: decision.kind, actualVersion: stored.length }, "row");
    equal(found, stored, "stored ids");
    return;
  }
  const { firstVersion } = decision;
  const status = decision.kind === "write" ? "written" : "duplicate";
  matches(row, { status, version: firstVersion + submitted.length - 1 }, "row");
  const events = "events" in row ? row.events : [];
  equal(ids(events), submitted, "ids in the row");
  equal(
    versions(events),
    submitted.map((_, index) => firstVersion + index),
    "versions in the row",
  );
  equal(found, decision.kind === "write" ? [...stored, ...submitted.slice(decision.skip)] : stored, "stored ids");
}
