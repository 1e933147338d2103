import fc from "fast-check";
import { applyPatch } from "rfc6902";
import type { ImportedEvent } from "ventyd";
import { expect } from "vitest";
import type { Fact, Held, Model, Row } from "./model.ts";
import type { Words } from "./words.ts";
import { entityIds, stateOf, type World } from "./world.ts";

const who = { actor: "alice", reason: "Property" };

/** One thing that is done to the model and to the world alike; both must come to the same, and agree on everything afterwards. */
class Step implements fc.AsyncCommand<Model, World> {
  readonly #title: string;
  readonly #work: (model: Model, world: World) => Promise<unknown>;

  constructor(title: string, work: (model: Model, world: World) => Promise<unknown>) {
    this.#title = title;
    this.#work = work;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, world: World): Promise<void> {
    await this.#work(model, world);
    await world.check(model);
  }

  toString(): string {
    return this.#title;
  }
}

/** What a call came to: its value, or the code of its error. */
async function outcomeOf<T>(call: Promise<T>): Promise<{ value: T } | { code: string | undefined }> {
  try {
    return { value: await call };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { code: code ?? message };
  }
}

/** The call fails with this code. */
async function fails(call: Promise<unknown>, code: string): Promise<void> {
  expect(await outcomeOf(call)).toEqual({ code });
}

/** A call that commits answers as the model does. */
async function answers(
  call: Promise<{ version: number; duplicate: boolean; events: readonly { version: number }[] }>,
  row: Row | { readonly code: string },
  version?: number,
): Promise<void> {
  if ("code" in row) return fails(call, row.code);
  const answer = await call;
  expect(answer.events.map((event) => event.version)).toEqual(row.facts.map((fact) => fact.version));
  expect(answer).toMatchObject({ duplicate: row.duplicate, version: row.facts.at(-1)?.version ?? version });
}

const name = fc.constantFrom("x", "y", "z");
const entityId = fc.constantFrom("a", ...entityIds);
/** A place between the first and the last of what there is when the step runs. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const key = fc.option(fc.constantFrom("k1", "k2"), { nil: undefined, freq: 3 });
const pick = (from: number, to: number, at: number) => from + Math.floor(at * (to - from + 1));

/** Why an entity cannot be loaded. */
function missing(model: Model, entityId: string): string | undefined {
  if (model.erased.has(entityId)) return "entity_erased";
  return model.stream(entityId).length === 0 ? "entity_not_found" : undefined;
}

function only(rows: readonly Row[] | { readonly code: string }): Row {
  return "code" in rows ? rows : (rows[0] as Row);
}

const create = (entityId: string, name: string) =>
  new Step(`create ${entityId} as ${name}`, async (model, world) => {
    const held = unborn(entityId);
    const word = model.newWord();
    model.dispatch(held, word, world.entityClock.ms);
    const row = only(model.commit([held], world.storeClock.ms));
    const call = world.repository.create({ entityId, body: { word } });
    await answers(call, row);
    if ("code" in row) return;
    model.acknowledge([held]);
    model.held.set(name, held);
    world.held.set(name, (await call).entity);
  });

const unborn = (entityId: string): Held => ({
  entityId,
  base: 0,
  baseFact: undefined,
  queue: [],
  handedOver: 0,
  words: [],
});

const begin = fc.tuple(entityId, name).map(
  ([entityId, name]) =>
    new Step(`begin ${entityId} as ${name}, without a commit`, async (model, world) => {
      const held = unborn(entityId);
      const word = model.newWord();
      model.dispatch(held, word, world.entityClock.ms);
      model.held.set(name, held);
      world.held.set(name, world.Words.create({ entityId, body: { word } }));
    }),
);

const load = (entityId: string, name: string) =>
  new Step(`load ${entityId} as ${name}`, async (model, world) => {
    const call = world.repository.findOneOrThrow({ entityId });
    const problem = missing(model, entityId);
    if (problem !== undefined) return fails(call, problem);
    model.held.set(name, model.open(entityId));
    world.held.set(name, await call);
  });

const say = fc.tuple(name, fc.integer({ min: 1, max: 3 }), fc.constantFrom("now", "throws", "later", "rejects")).map(
  ([name, count, manner]) =>
    new Step(`${name} says ${count}, ${manner}`, async (model, world) => {
      const [held, entity] = [model.held.get(name), world.held.get(name)];
      if (held === undefined || entity === undefined) return;
      const words = Array.from({ length: count }, () => model.newWord());
      if (manner === "throws") return expect(() => entity.sayAndThrow(words)).toThrow("better");
      if (manner === "rejects") return fails(entity.sayLater(words, true), "thought better of it");
      if (manner === "now") entity.say(words);
      else await entity.sayLater(words, false);
      for (const word of words) model.dispatch(held, word, world.entityClock.ms);
    }),
);

const sayDated = fc.tuple(name, fc.integer({ min: -5_000, max: 5_000 })).map(
  ([name, offset]) =>
    new Step(`${name} says what happened ${offset} ms from now`, async (model, world) => {
      const [held, entity] = [model.held.get(name), world.held.get(name)];
      if (held === undefined || entity === undefined) return;
      const word = model.newWord();
      const at = world.entityClock.ms + offset;
      entity.sayDated(word, new Date(at).toISOString());
      model.dispatch(held, word, world.entityClock.ms, at);
    }),
);

const fault = fc.constantFrom(undefined, undefined, undefined, "not sent" as const, "answer lost" as const);

const commit = fc.tuple(name, key, fault).map(
  ([name, idempotencyKey, fault]) =>
    new Step(`commit ${name} ${idempotencyKey ?? ""} ${fault ?? ""}`, async (model, world) => {
      const [held, entity] = [model.held.get(name), world.held.get(name)];
      if (held === undefined || entity === undefined) return;
      // A transaction that the application goes on with after a failure of the database is not what is tried here.
      const isFaulty = fault !== undefined && !model.inTransaction && held.queue.length > 0;
      if (isFaulty) world.fault = fault;
      const call = world.repository.commit(entity, { idempotencyKey });
      if (isFaulty && fault === "not sent") return fails(call, fault);
      const row = only(model.commit([held], world.storeClock.ms, idempotencyKey));
      if (isFaulty && !("code" in row)) return fails(call, "answer lost");
      // A refusal is an answer too: it is lost like any other.
      if (isFaulty) return fails(call, "answer lost");
      await answers(call, row, held.base + held.handedOver);
      if (!("code" in row)) model.acknowledge([held]);
    }),
);

const commitTwo = fc.tuple(name, name, fc.boolean()).map(
  ([first, second, byStore]) =>
    new Step(`commit ${first} and ${second}${byStore ? " to the store" : ""}`, async (model, world) => {
      const all = [model.held.get(first), model.held.get(second)];
      const [one, two] = [world.held.get(first), world.held.get(second)];
      if (all[0] === undefined || all[1] === undefined || one === undefined || two === undefined) return;
      const rows = model.commit(all as Held[], world.storeClock.ms);
      const call: Promise<readonly { version: number }[]> = byStore
        ? world.store.commit([one, two])
        : world.repository.commit([one, two]);
      if ("code" in rows) return fails(call, rows.code);
      model.acknowledge(all as Held[]);
      expect((await call).map(({ version }) => version)).toEqual(
        (rows as readonly { facts: readonly Fact[] }[]).map(
          ({ facts }, index) => facts.at(-1)?.version ?? (all[index] as Held).base + (all[index] as Held).handedOver,
        ),
      );
    }),
);

/** A mutation that answers. */
function sayAll(entity: Words, words: readonly string[]): "done" {
  entity.say(words);
  return "done";
}

const mutate = fc.tuple(entityId, fc.integer({ min: 1, max: 3 }), key).map(
  ([entityId, count, idempotencyKey]) =>
    new Step(`mutate ${entityId}: ${count} ${idempotencyKey ?? ""}`, async (model, world) => {
      const words = Array.from({ length: count }, () => model.newWord());
      const call = world.repository.mutate({ entityId }, (entity) => sayAll(entity, words), { idempotencyKey });
      const problem = missing(model, entityId);
      if (problem !== undefined) return fails(call, problem);
      const known = idempotencyKey === undefined ? undefined : model.keys.get(`${entityId} ${idempotencyKey}`);
      const held = model.open(entityId);
      for (const word of words) model.dispatch(held, word, world.entityClock.ms);
      const row = known
        ? { facts: known, duplicate: true }
        : only(model.commit([held], world.storeClock.ms, idempotencyKey));
      await answers(call, row);
      expect((await call).result).toBe(known === undefined ? "done" : undefined);
    }),
);

const rollback = fc.tuple(entityId, fc.option(place, { nil: undefined }), fc.boolean()).map(
  ([entityId, at, fromPreview]) =>
    new Step(`roll back ${entityId} to ${at ?? "before its last rollback"}`, async (model, world) => {
      const stream = model.stream(entityId);
      const head = stream.length;
      const lastRollback = stream.findLast(({ toVersion }) => toVersion !== undefined);
      const toVersion = at === undefined ? (lastRollback?.version ?? 2) - 1 : pick(1, Math.max(1, head - 1), at);
      const { repository } = world;
      const call = fromPreview
        ? repository.previewRollback({ entityId, toVersion }).then((preview) => repository.rollback(preview, who))
        : repository.rollback({ entityId, toVersion }, who);
      const problem = missing(model, entityId) ?? (toVersion < head ? undefined : "invalid_version");
      if (problem !== undefined) return fails(call, problem);
      const createdMs = Math.max(world.entityClock.ms, stream.at(-1)?.createdMs as number);
      const fact: Fact = { entityId, version: head + 1, name: "$rolled_back", toVersion, createdMs, recordedMs: 0 };
      model.write([fact], world.storeClock.ms);
      await answers(call, { facts: [fact], duplicate: false });
    }),
);

const form = fc.constantFrom("version", "at", "knownAt", "position");
const find = fc.tuple(entityId, form, place, fc.constantFrom(-1, 0, 1)).map(
  ([entityId, form, at, nudge]) =>
    new Step(`find ${entityId} by ${form} ${at} ${nudge}`, async (model, world) => {
      const stream = model.stream(entityId);
      const fact = stream[pick(0, stream.length - 1, at)];
      const { log } = world;
      if (fact === undefined || model.inTransaction) return;
      const bounds = {
        version: Math.max(1, fact.version + nudge),
        at: fact.createdMs + nudge,
        knownAt: fact.recordedMs + nudge,
        position: log[Math.max(0, Math.min(log.length - 1, model.log.indexOf(fact) + nudge))]?.position as number,
      };
      const isIncluded = {
        version: ({ version }: Fact) => version <= bounds.version,
        at: ({ createdMs }: Fact) => createdMs <= bounds.at,
        knownAt: ({ recordedMs }: Fact) => recordedMs <= bounds.knownAt,
        position: (it: Fact) => (log[model.log.indexOf(it)]?.position as number) <= bounds.position,
      };
      const part = stream.slice(0, stream.findLastIndex(isIncluded[form]) + 1);
      const asked = {
        version: { version: bounds.version },
        at: { at: new Date(bounds.at) },
        knownAt: { knownAt: new Date(bounds.knownAt) },
        position: { position: bounds.position },
      };
      const call = world.repository.findOne({ entityId, ...(asked[form] as { version: number }) });
      if (part.length === 0) return expect(await call).toBeNull();
      if (model.erased.has(entityId)) return fails(call, "entity_erased");
      const found = await call;
      if (form === "version" && bounds.version > stream.length) return expect(found).toBeNull();
      expect(stateOf(found as Words)).toEqual({ version: part.length, words: model.states(part).at(-1) });
    }),
);

const history = fc.tuple(entityId, place, place, fc.integer({ min: 0, max: 5 }), fc.constantFrom("asc", "desc")).map(
  ([entityId, from, to, limit, order]) =>
    new Step(`history of ${entityId}`, async (model, world) => {
      const stream = model.stream(entityId);
      const [after, before] = [pick(0, stream.length, from), pick(0, stream.length + 1, to)];
      const states = model.states(stream);
      const effective = model.effective(stream);
      const isErased = model.erased.has(entityId);
      const stateAt = (version: number) => (version === 0 || isErased ? null : { words: states[version] });
      const asked = stream.filter(({ version }) => version > after && version < before);
      const page = order === "asc" ? asked.slice(0, limit) : asked.toReversed().slice(0, limit);
      const told = await world.repository.history({ entityId, after, before, limit, order: order as "asc" });
      expect(
        told.map(({ event, before, after, effective }) => ({ version: event.version, before, after, effective })),
      ).toEqual(
        page.map(({ version }) => ({
          version,
          before: stateAt(version - 1),
          after: stateAt(version),
          effective: isErased || effective.has(version),
        })),
      );
    }),
);

const diff = fc.tuple(entityId, place, place).map(
  ([entityId, from, to]) =>
    new Step(`differences of ${entityId}`, async (model, world) => {
      const stream = model.stream(entityId);
      const range = { from: pick(1, stream.length, from), to: pick(1, stream.length, to) };
      if (stream.length === 0) return fails(world.repository.diff({ entityId, from: 1, to: 1 }), "entity_not_found");
      const call = world.repository.diff({ entityId, ...range });
      if (model.erased.has(entityId)) return fails(call, "entity_erased");
      const states = model.states(stream);
      const document = { words: [...(states[range.from] as string[])] };
      expect(applyPatch(document, [...(await call)] as never).every((problem) => problem === null)).toBe(true);
      expect(document).toEqual({ words: states[range.to] });
    }),
);

const erase = entityId.map(
  (entityId) =>
    new Step(`erase ${entityId}`, async (model, world) => {
      const stream = model.stream(entityId);
      const call = world.store.erase({ entityName: "words", entityId }, who);
      if (stream.length === 0) return fails(call, "entity_not_found");
      const isErased = model.erased.has(entityId);
      const createdMs = Math.max(world.storeClock.ms, stream.at(-1)?.createdMs as number);
      const fact: Fact = { entityId, version: stream.length + 1, name: "$erased", createdMs, recordedMs: 0 };
      if (!isErased) model.write([fact], world.storeClock.ms);
      model.erased.add(entityId);
      await answers(call, { facts: [isErased ? (stream.at(-1) as Fact) : fact], duplicate: isErased });
    }),
);

const run = fc.record({
  entityId,
  /** How many events at the end of what is stored come along once more. */
  repeated: fc.integer({ min: 0, max: 3 }),
  added: fc.integer({ min: 0, max: 3 }),
  leavesGap: fc.constantFrom(true, false, false, false),
});

const importEvents = fc.uniqueArray(run, { minLength: 1, maxLength: 2, selector: ({ entityId }) => entityId }).map(
  (runs) =>
    new Step(`import ${JSON.stringify(runs)}`, async (model, world) => {
      const log = await allOf(world);
      const before = model.save();
      const given: ImportedEvent[] = [];
      let [imported, skipped] = [0, 0];
      let problem: string | undefined;
      for (const { entityId, repeated, added, leavesGap } of runs) {
        const stream = model.stream(entityId);
        const again = stream.slice(Math.max(0, stream.length - repeated));
        for (const fact of again) given.push(log[model.log.indexOf(fact)] as ImportedEvent);
        skipped += again.length;
        const first = stream.length + 1 + (leavesGap ? 1 : 0);
        const facts = Array.from({ length: added }, (_, index): Fact => {
          const version = first + index;
          const createdMs = world.entityClock.ms + index;
          return {
            entityId,
            version,
            name: version === 1 ? "begun" : "said",
            word: model.newWord(),
            createdMs,
            recordedMs: 0,
          };
        });
        given.push(...facts.map((fact) => importedForm(fact)));
        imported += added;
        if (problem !== undefined || added === 0) continue;
        if (first > stream.length + 1) problem = "import_conflict";
        else if (model.erased.has(entityId)) problem = "entity_erased";
        else model.write(facts, world.storeClock.ms);
      }
      const call = world.store.import(given);
      if (problem === undefined) return expect(await call).toEqual({ imported, skipped });
      model.restore(before);
      await fails(call, problem);
    }),
);

async function allOf(world: World) {
  const events = [];
  for await (const event of world.store.read()) events.push(event);
  return events;
}

function importedForm({ entityId, version, name, word, createdMs }: Fact): ImportedEvent {
  return {
    eventId: `imported ${word}`,
    eventName: `words:${name}`,
    eventCreatedAt: new Date(createdMs).toISOString(),
    entityName: "words",
    entityId,
    version,
    body: { word },
  };
}

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
