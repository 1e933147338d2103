import Database from "better-sqlite3";
import fc from "fast-check";
import {
  type CommitResult,
  ConcurrencyError,
  createRepository,
  type EventStore,
  type StoredEvent,
  type StoreRepository,
} from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { createSqliteStore } from "ventyd/sqlite";
import { expect, test } from "vitest";
import { readAll } from "../../src/testing/contract/events.ts";
import { Clock, defineWords, type Words } from "./commands/words.ts";
import { longest, runs } from "./runs.ts";

const Talk = defineWords(new Clock());

/** What one writer does with the one entity that all write to. */
type Task = "append" | "mutate" | "two commits at once" | "commit with another" | "transaction" | "create";

const task = fc.constantFrom<Task>(
  "append",
  "append",
  "mutate",
  "two commits at once",
  "commit with another",
  "transaction",
  "create",
);

/** A store whose calls begin and answer when the scheduler says so, in any order. */
function scheduled(store: EventStore, scheduler: fc.Scheduler): EventStore {
  for (const method of ["load", "append", "getSnapshot", "saveSnapshot"] as const) {
    const call = store[method].bind(store) as (...args: unknown[]) => Promise<unknown>;
    const later = async (...args: unknown[]) => {
      await scheduler.schedule(Promise.resolve(), `${method} begins`);
      try {
        return await call(...args);
      } finally {
        await scheduler.schedule(Promise.resolve(), `${method} answers`);
      }
    };
    Object.assign(store, { [method]: later });
  }
  return store;
}

/** Writers over one store, each with a repository of its own, and what each was told is stored. */
class Writers {
  readonly acknowledged: string[] = [];
  refusals = 0;
  readonly #store: EventStore;
  #lastWord = 0;

  constructor(store: EventStore) {
    this.#store = store;
  }

  async run(tasks: readonly Task[], frequency: number): Promise<void> {
    const words = createRepository(Talk, { adapter: this.#store, snapshot: { frequency } });
    for (const task of tasks) await this.#do(task, words);
  }

  async #do(task: Task, words: StoreRepository<Words, typeof Talk.schema>): Promise<void> {
    const word = `w${++this.#lastWord}`;
    const find = () => words.findOneOrThrow({ entityId: "a" });
    switch (task) {
      case "append": {
        const entity = await find();
        entity.say([word]);
        return this.#conclude(words.commit(entity));
      }
      case "mutate":
        return this.#conclude(words.mutate({ entityId: "a" }, (entity) => entity.say([word]), { retries: 0 }));
      case "two commits at once": {
        const entity = await find();
        entity.say([word]);
        const first = this.#conclude(words.commit(entity));
        entity.say([`${word}'`]);
        await Promise.all([first, this.#conclude(words.commit(entity))]);
        return;
      }
      case "commit with another": {
        const entity = await find();
        entity.say([word]);
        const other = Talk.create({ entityId: `beside ${word}`, body: { word: `${word}'` } });
        return this.#conclude(words.commit([entity, other]));
      }
      case "transaction": {
        const work = async () => {
          const entity = await find();
          entity.say([word]);
          return words.commit(entity);
        };
        return this.#conclude(this.#store.transaction(work, { timeout: 60_000 }));
      }
      case "create":
        return this.#conclude(words.create({ entityId: "racing", body: { word } }));
    }
  }

  async #conclude(commit: Promise<CommitResult | readonly CommitResult[]>): Promise<void> {
    try {
      const results = [await commit].flat() as CommitResult[];
      this.acknowledged.push(...results.flatMap(({ events }) => events.map(wordOf)));
    } catch (error) {
      if (!(error instanceof ConcurrencyError)) throw error;
      this.refusals++;
    }
  }
}

const wordOf = ({ body }: StoredEvent) => (body as { word: string }).word;

const stores: readonly (readonly [name: string, open: () => EventStore, usual: number])[] = [
  ["the memory store", () => createMemoryStore(), 300],
  ["SQLite", () => createSqliteStore(new Database(":memory:")), 150],
];

test.for(stores)(
  "over %s, writers of one entity lose nothing and store nothing twice, in whatever order their calls come to pass",
  { timeout: longest },
  async ([, open, usual]) => {
    const total = { acknowledged: 0, refusals: 0 };
    const programs = fc.array(fc.array(task, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        programs,
        fc.integer({ min: 1, max: 3 }),
        async (scheduler, programs, frequency) => {
          const store = open();
          await store.migrate();
          await createRepository(Talk, { adapter: store }).create({ entityId: "a", body: { word: "first" } });
          const writers = new Writers(scheduled(store, scheduler));
          await scheduler.waitFor(Promise.all(programs.map((tasks) => writers.run(tasks, frequency))));

          const log = await readAll(store);
          const stored = log.map(wordOf);
          expect(stored.toSorted()).toEqual(["first", ...writers.acknowledged].toSorted());
          for (const entityId of new Set(log.map(({ entityId }) => entityId))) {
            const stream = log.filter((event) => event.entityId === entityId);
            expect(stream.map(({ version }) => version)).toEqual(stream.map((_, index) => index + 1));
            // From a snapshot or not: the state is every word of the stream.
            const words = createRepository(Talk, { adapter: store, snapshot: { frequency } });
            const found = words.findOneOrThrow({ entityId });
            expect((await scheduler.waitFor(found)).state.words).toEqual(stream.map(wordOf));
          }
          total.acknowledged += writers.acknowledged.length;
          total.refusals += writers.refusals;
          await store.close();
        },
      ),
      { numRuns: runs(usual) },
    );
    // They did get in each other's way.
    expect(total.acknowledged).toBeGreaterThan(runs(usual));
    expect(total.refusals).toBeGreaterThan(runs(usual) / 4);
  },
);
