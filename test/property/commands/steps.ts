import fc from "fast-check";
import { begin, commit, commitTwo, create, load, mutate, say, sayDated } from "./entity-steps.ts";
import { diff, find, history, rollback } from "./history-steps.ts";
import { erase, importEvents } from "./log-steps.ts";
import { entityId, name, Step } from "./step.ts";

const offset = fc.integer({ min: -3_000, max: 10_000 });
const tick = fc.tuple(offset, offset).map(
  ([ofEntities, ofStore]) =>
    new Step(`clocks move by ${ofEntities} and ${ofStore} ms`, async (_, world) => {
      world.entityClock.ms += ofEntities;
      world.storeClock.ms += ofStore;
    }),
);

const renew = fc
  .record({
    frequency: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    loadValidation: fc.constantFrom("always" as const, "write" as const),
  })
  .map(
    (settings) => new Step(`another repository ${JSON.stringify(settings)}`, async (_, world) => world.renew(settings)),
  );

const restart = fc.constant(new Step("restart", (model, world) => world.restart(model)));

/** Some are done more often than others: what is erased can do nothing more. */
const inner: [number, fc.Arbitrary<Step>][] = [
  [2, fc.tuple(entityId, name).map((it) => create(...it))],
  [1, begin],
  [4, fc.tuple(entityId, name).map((it) => load(...it))],
  [8, say],
  [1, sayDated],
  [6, commit],
  [2, commitTwo],
  [5, mutate],
  [3, rollback],
  [2, history],
  [1, diff],
  [2, importEvents],
];

const aborted = new Error("aborted by the application");

const transaction = fc
  .tuple(
    fc.array(fc.oneof(...[...inner, [1, erase] as const].map(([weight, arbitrary]) => ({ weight, arbitrary }))), {
      maxLength: 6,
    }),
    fc.boolean(),
  )
  .map(
    ([steps, aborts]) =>
      new Step(`transaction that ${aborts ? "aborts" : "commits"} [${steps.join("; ")}]`, async (model, world) => {
        const before = model.save();
        model.inTransaction = true;
        const call = world.store.transaction(async () => {
          for (const step of steps) await step.run(model, world);
          if (aborts) throw aborted;
        });
        try {
          await call;
        } catch (error) {
          if (error !== aborted) throw error;
        }
        model.inTransaction = false;
        if (aborts) model.restore(before);
        for (const held of model.held.values()) model.settle(held, !aborts);
      }),
  );

const weighted: (readonly [number, fc.Arbitrary<Step>])[] = [
  ...inner,
  [4, find],
  [3, transaction],
  [3, tick],
  [2, renew],
  [1, erase],
  [1, restart],
];

/** How every run begins: two hold one entity, so that they get into each other's way. */
export const beginning: readonly Step[] = [create("a", "x"), load("a", "y"), create("b", "z")];

/** Everything that can be done, each as often as its weight says. */
export const steps: fc.Arbitrary<Step>[] = weighted.flatMap(([weight, arbitrary]) => Array(weight).fill(arbitrary));
