// Another process with a store of its own: `migrate` or `hold`, on a kind of store at a place, with a name. What it says goes out as lines of JSON.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { commitOf } from "../../src/testing/contract/events.ts";
import { openStore } from "../faults/stores.ts";

export interface Fact {
  readonly ready?: boolean;
  readonly migrated?: number;
  readonly holds?: string;
}

const [task, kind, place, name] = process.argv.slice(2) as [string, string, string, string];
const say = (fact: Fact) => void writeSync(1, `${JSON.stringify(fact)}\n`);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const { store, close } = await openStore(kind, place);
say({ ready: true });
await lines.next();

if (task === "migrate") {
  await store.migrate();
  await store.append([commitOf(name, 0, [{}])]);
  say({ migrated: (await store.status()).schemaVersion });
} else {
  await store.transaction(async () => {
    await store.append([commitOf(name, "any", [{}])]);
    say({ holds: name });
    await lines.next();
  });
}
await close();
process.exit(0);
