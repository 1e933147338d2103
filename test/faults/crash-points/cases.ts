import { afterAll, beforeAll, expect, test } from "vitest";
import type { EventStore } from "ventyd";
import { commitOf, readAll, write } from "../../../src/testing/contract/events.ts";
import type { CrashPoint } from "./crashing-executor.ts";
import type { Ground } from "./ground.ts";
import { type Work, works } from "./works.ts";

/** Every way in which something can go wrong at a statement. */
const ways = (["connection", "process"] as const).flatMap((gone) =>
  (["before", "after"] as const).map((moment) => ({ gone, moment })),
);

/** Tries something with a crash at its first statement, then at its second ..., until it comes to its end without one. */
async function atEveryStatement(
  way: Omit<CrashPoint, "statement">,
  attempt: (point: CrashPoint) => Promise<string | undefined>,
): Promise<readonly string[]> {
  const reached: string[] = [];
  for (let statement = 1; ; statement++) {
    const where = await attempt({ ...way, statement });
    if (where === undefined) return reached;
    reached.push(where);
  }
}

/** The cases, on a server of one kind. */
export function crashPointCases(open: () => Promise<Ground>): void {
  let ground: Ground;
  let sound: EventStore;
  beforeAll(async () => {
    ground = await open();
    sound = await ground.open();
    await sound.migrate();
    await ground.run("CREATE TABLE application (id varchar(64))");
  });
  afterAll(() => ground.close());

  test.for(works)(
    "$title is there whole or not at all, and comes to the same when it is done again, wherever it breaks off",
    async (work) => {
      let count = 0;
      let whole = 0;
      for (const way of ways) {
        const reached = await atEveryStatement(way, async (point) => {
          const id = `${works.indexOf(work)}-${++count}`;
          const where = await breakOff(work, id, point);
          if (where?.isWhole) whole++;
          return where?.at;
        });
        expect(reached.length).toBeGreaterThan(0);
      }
      // Some of them had taken effect, as nobody was told.
      expect(whole).toBeGreaterThan(0);
      expect(await allShown()).toBe(true);
    },
  );

  /** @returns where it broke off, and whether it had taken effect by then; nothing where it has come to its end before. */
  async function breakOff(
    work: Work,
    id: string,
    point: CrashPoint,
  ): Promise<{ at: string; isWhole: boolean } | undefined> {
    await work.prepare?.(sound, id);
    const none = JSON.stringify(await work.look(sound, id, ground));
    const { store, executor, close } = ground.openCrashing();
    await store.load({ entityName: "thing", entityId: id });
    executor.crashAt(point);
    const [outcome] = await Promise.allSettled([work.run(store, id, ground)]);
    const { reached } = executor;
    await close();
    const left = JSON.stringify(await work.look(sound, id, ground));
    await work.run(sound, id, ground);
    const whole = JSON.stringify(await work.look(sound, id, ground));
    const context = `${JSON.stringify(point)} ${reached}`;
    expect([none, whole], context).toContain(left);
    if (outcome.status === "fulfilled") {
      expect(left, context).toBe(whole);
      // Whoever was not answered at first learns that it is written, not that it had been.
      for (const row of Array.isArray(outcome.value) ? outcome.value : [])
        expect(row, context).toMatchObject({ status: "written" });
    }
    if (reached === undefined) expect(outcome, context).toMatchObject({ status: "fulfilled" });
    else if (point.gone === "connection") {
      const code = reached.endsWith(" COMMIT") ? "commit_outcome_unknown" : "driver_error";
      // What had not been begun was begun again.
      if (work.isTold === true && outcome.status === "rejected")
        expect(outcome.reason, context).toMatchObject({ code });
      else expect(outcome, context).toMatchObject({ status: "fulfilled" });
    }
    return reached === undefined ? undefined : { at: reached, isWhole: left === whole };
  }

  /** Whether a reader is shown what lies in the entities, each event once and in order. */
  async function allShown(): Promise<boolean> {
    const events = await readAll(sound);
    const versions = new Map<string, number>();
    for (const { entityId, version } of events) {
      expect(version, entityId).toBe((versions.get(entityId) ?? 0) + 1);
      versions.set(entityId, version);
    }
    for await (const { entityId, version } of pages(sound)) expect(versions.get(entityId), entityId).toBe(version);
    return true;
  }

  test("a migration that breaks off anywhere is completed by the next one", async () => {
    let count = 0;
    // Before a statement is after the one before it: so many tables take their time.
    for (const way of ways.filter(({ moment }) => moment === "after")) {
      const reached = await atEveryStatement(way, async (point) => {
        const prefix = `m${++count}_`;
        const { store, executor, close } = ground.openCrashing(prefix);
        executor.crashAt(point);
        const [outcome] = await Promise.allSettled([store.migrate()]);
        await close();
        const context = `${JSON.stringify(point)} ${executor.reached}`;
        if (executor.reached === undefined || point.gone === "connection")
          expect(outcome, context).toMatchObject({ status: "fulfilled" });
        const next = await ground.open(prefix);
        await next.migrate();
        await write(next, commitOf("one", 0, ["e1"]));
        expect(
          (await readAll(next)).map(({ eventId }) => eventId),
          context,
        ).toEqual(["e1"]);
        return executor.reached;
      });
      expect(reached.length).toBeGreaterThan(5);
    }
  });
}

async function* pages(store: EventStore) {
  for (let after = ""; ; ) {
    const page = await store.entities({ entityName: "thing", after });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.entityId;
  }
}
