import { type BaseEventType, createRepository, type EventStore, type StoredEvent, type StoreRepository } from "ventyd";
import { expect } from "vitest";
import { readAll } from "../../../src/testing/contract/events.ts";
import type { Backend } from "../places.ts";
import type { Fact, Held, Model } from "./model.ts";
import { Clock, defineWords, type Words, type WordsClass } from "./words.ts";

export const entityIds = ["a", "b"] as const;

/** How a repository is made anew. */
export interface Settings {
  readonly frequency?: number | undefined;
  readonly loadValidation: "always" | "write";
}

/** The real thing: a store, a repository over it, entities that are held, and somebody who follows the log. */
export class World {
  readonly entityClock = new Clock();
  readonly storeClock = new Clock();
  readonly Words: WordsClass = defineWords(this.entityClock);
  readonly held = new Map<string, Words>();
  readonly warnings: Error[] = [];
  /** What happens to the next append. */
  fault: "not sent" | "answer lost" | undefined;
  log: readonly StoredEvent[] = [];
  store!: EventStore;
  repository!: StoreRepository<Words, WordsClass["schema"]>;
  readonly #backend: Backend;
  readonly #followed: StoredEvent[] = [];
  #stopFollowing: () => Promise<void> = async () => {};

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async open(): Promise<void> {
    const store = await this.#backend.open(this.storeClock.now);
    const append = store.append.bind(store);
    store.append = async (...args) => {
      const { fault } = this;
      this.fault = undefined;
      if (fault === "not sent") throw new Error(fault);
      const rows = await append(...args);
      if (fault !== undefined) throw new Error(fault);
      return rows;
    };
    this.store = store;
    this.renew({ loadValidation: "always" });
    const ending = new AbortController();
    const following = this.#follow(store, ending.signal);
    this.#stopFollowing = async () => {
      ending.abort();
      await following;
    };
  }

  async #follow(store: EventStore, signal: AbortSignal): Promise<void> {
    const after = this.#followed.at(-1)?.position ?? 0;
    for await (const event of store.subscribe({ after, signal })) this.#followed.push(event);
  }

  /** Another repository on the same store. */
  renew({ frequency, loadValidation }: Settings): void {
    this.repository = createRepository(this.Words, {
      adapter: this.store,
      loadValidation,
      onWarning: (warning) => this.warnings.push(warning),
      ...(frequency !== undefined && { snapshot: { frequency } }),
    });
  }

  /** Another store on the same contents, as after a restart: what was held in memory is gone. */
  async restart(model: Model): Promise<void> {
    if (!this.#backend.canReopen || model.inTransaction) return;
    await this.#stopFollowing();
    await this.store.close();
    this.held.clear();
    model.held.clear();
    await this.open();
  }

  async close(): Promise<void> {
    // Where nothing is stored any more, whoever follows comes to the end.
    while (this.#followed.length < this.log.length) await new Promise((resolve) => setImmediate(resolve));
    expect(this.#followed.map(({ position }) => position)).toEqual(this.log.map(({ position }) => position));
    expect(this.#followed.map(({ eventId }) => eventId)).toEqual(this.log.map(({ eventId }) => eventId));
    expect(this.warnings).toEqual([]);
    await this.dispose();
  }

  async dispose(): Promise<void> {
    await this.#stopFollowing();
    await this.store.close();
    await this.#backend.close();
  }

  /** What holds at every moment. */
  async check(model: Model): Promise<void> {
    const log = await readAll(this.store);
    expect(log.map(factOf)).toEqual(model.log.map((fact) => storedForm(fact, model)));
    for (const [index, { position }] of log.entries()) {
      expect(Number.isSafeInteger(position) && position > (log[index - 1]?.position ?? 0)).toBe(true);
    }
    if (!model.inTransaction) {
      // What was stored once stays, and stays where it is.
      expect(log.slice(0, this.log.length).map(identityOf)).toEqual(this.log.map(identityOf));
      this.log = log;
    }
    for (const entityId of entityIds) {
      const stream = { entityName: "words", entityId };
      const ofEntity = log.filter((event) => event.entityId === entityId);
      expect(ofEntity.map(({ version }) => version)).toEqual(ofEntity.map((_, index) => index + 1));
      expect(await this.store.loadHistory(stream)).toEqual(ofEntity);
      expect((await this.store.load(stream)).map(identityOf)).toEqual(ofEntity.map(identityOf));
      if (!model.erased.has(entityId)) {
        const found = await this.repository.findOne({ entityId });
        expect(found && stateOf(found)).toEqual(ofEntity.length === 0 ? null : heldState(model.open(entityId)));
      }
    }
    expect([...this.held.keys()].toSorted()).toEqual([...model.held.keys()].toSorted());
    for (const [name, held] of model.held) {
      const entity = this.held.get(name) as Words;
      expect(stateOf(entity)).toEqual(heldState(held));
      expect(entity.uncommittedEvents.map(waitingForm)).toEqual(
        held.queue.map(({ name, version, word, createdMs }) => ({ name, version, word, createdMs })),
      );
    }
  }
}

export function stateOf(entity: Pick<Words, "state" | "version">) {
  return { version: entity.version, words: entity.state.words };
}

function heldState({ base, queue, words }: Held) {
  return { version: base + queue.length, words };
}

const shortName = (event: BaseEventType) => event.eventName.replace(/^words:/, "");

function waitingForm(event: BaseEventType) {
  const { word } = event.body as { word: string };
  return { name: shortName(event), version: event.version, word, createdMs: Date.parse(event.eventCreatedAt) };
}

/** A stored event without what the model does not know: its id and its position. */
function factOf(event: StoredEvent) {
  return {
    entityId: event.entityId,
    version: event.version,
    name: shortName(event as BaseEventType),
    body: event.body,
    isErased: event.isErased === true,
    createdMs: Date.parse(event.eventCreatedAt),
    recordedMs: Date.parse(event.recordedAt),
  };
}

function storedForm({ word, toVersion, ...fact }: Fact, model: Model) {
  const isErased = model.erased.has(fact.entityId);
  const body = isErased ? null : toVersion === undefined ? { word } : { toVersion };
  return { ...fact, body, isErased };
}

/** What no erasure changes. */
function identityOf({ eventId, eventName, version, ...rest }: Omit<StoredEvent, "position"> | BaseEventType) {
  const { eventCreatedAt, entityId } = rest;
  return { eventId, eventName, version, eventCreatedAt, entityId };
}
