import { createRepository, defineEntity } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { expect, test } from "vitest";
import { z } from "zod";

const body = z.object({ settings: z.json() });

const Thing = defineEntity("thing", {
  state: body,
  events: { made: body, changed: body },
  initial: "made",
  reduce: { made: (_, { body }) => body, changed: (_, { body }) => body },
  mutations: {
    change: ({ dispatch }, settings: z.infer<typeof body>["settings"]) => void dispatch("changed", { settings }),
  },
  checks: "throw",
});

test.for(["constructor", "toString", "hasOwnProperty", "then", "toJSON", ""])(
  "a state with an object under the key %j is checked, kept in snapshots, previewed and rolled back like any other",
  async (key) => {
    const warnings: Error[] = [];
    const store = createMemoryStore();
    const things = createRepository(Thing, {
      adapter: store,
      snapshot: { frequency: 1 },
      onWarning: (warning) => warnings.push(warning),
    });
    const who = { actor: "alice", reason: "Try" };
    const [first, second] = [{ [key]: { a: [1] } }, { [key]: { a: [2] } }];
    await things.create({ entityId: "t", body: { settings: first } });
    const preview = await things.preview({ entityId: "t" }, (thing) => thing.change(second));
    await things.commit(preview, who);
    await things.rollback(await things.previewRollback({ entityId: "t", toVersion: 1 }), who);
    const found = await things.findOneOrThrow({ entityId: "t" });
    expect(found).toMatchObject({ version: 3, state: { settings: first } });
    expect(warnings).toEqual([]);
  },
);
