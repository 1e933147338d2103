/** An event, as the model knows it. That it is this very object is what its id says of a real one. */
export interface Fact {
  readonly entityId: string;
  readonly version: number;
  readonly name: "begun" | "said" | "$rolled_back" | "$erased";
  readonly word?: string;
  readonly toVersion?: number;
  readonly createdMs: number;
  /** When it was stored. */
  recordedMs: number;
}

/** An entity that somebody holds: what it stands on, and what waits for a commit. */
export interface Held {
  readonly entityId: string;
  /** What it stands on: the version and the event of what is known to be stored. */
  base: number;
  baseFact: Fact | undefined;
  queue: Fact[];
  /** How many of the queue a transaction has taken over. */
  handedOver: number;
  words: readonly string[];
}

/** What became of a commit. */
export type Row = { readonly facts: readonly Fact[]; readonly duplicate: boolean } | { readonly code: string };

/** What a repository over a store should do, with plain arrays. */
export class Model {
  log: Fact[] = [];
  erased = new Set<string>();
  keys = new Map<string, readonly Fact[]>();
  readonly held = new Map<string, Held>();
  inTransaction = false;
  #lastWord = 0;

  newWord(): string {
    return `w${++this.#lastWord}`;
  }

  stream(entityId: string): readonly Fact[] {
    return this.log.filter((fact) => fact.entityId === entityId);
  }

  /** The words at each version from 0 on, by remembering them all: what a rollback makes of them is looked up, not computed. */
  states(facts: readonly Fact[]): (readonly string[])[] {
    const states: (readonly string[])[] = [[]];
    for (const { word, toVersion, version } of facts) {
      states.push(
        toVersion === undefined
          ? [...(states[version - 1] ?? []), ...(word === undefined ? [] : [word])]
          : (states[toVersion] ?? []),
      );
    }
    return states;
  }

  /** The versions that count at the end of some events, rollbacks included. */
  effective(facts: readonly Fact[]): ReadonlySet<number> {
    const paths: (readonly number[])[] = [[]];
    for (const { toVersion, version } of facts) paths.push([...(paths[toVersion ?? version - 1] ?? []), version]);
    return new Set(paths.at(-1));
  }

  /** Loads an entity. */
  open(entityId: string): Held {
    const facts = this.stream(entityId);
    return {
      entityId,
      base: facts.length,
      baseFact: facts.at(-1),
      queue: [],
      handedOver: 0,
      words: this.states(facts).at(-1) as readonly string[],
    };
  }

  /** Dispatches. */
  dispatch(held: Held, word: string, nowMs: number, dated?: number): void {
    const last = held.queue.at(-1) ?? held.baseFact;
    const version = held.base + held.queue.length + 1;
    const createdMs = dated ?? Math.max(nowMs, last?.createdMs ?? Number.NEGATIVE_INFINITY);
    const name = version === 1 ? "begun" : "said";
    held.queue.push({ entityId: held.entityId, version, name, word, createdMs, recordedMs: 0 });
    held.words = [...held.words, word];
  }

  /** Stores what held entities have dispatched, all of it or nothing. */
  commit(all: readonly Held[], nowMs: number, key?: string): readonly Row[] | { readonly code: string } {
    if (new Set(all.map(({ entityId }) => entityId)).size < all.length) return { code: "duplicate_entity" };
    const before = this.save();
    const rows: Row[] = [];
    for (const held of all) {
      const row = this.#append(held, nowMs, key);
      if ("code" in row) {
        this.restore(before);
        return row;
      }
      rows.push(row);
    }
    return rows;
  }

  /** Their queues are theirs no longer; inside a transaction only for as long as that is open. */
  acknowledge(all: readonly Held[]): void {
    for (const held of all) {
      held.handedOver = held.queue.length;
      if (!this.inTransaction) this.settle(held, true);
    }
  }

  /** What a transaction had taken over is stored, or comes back. */
  settle(held: Held, isStored: boolean): void {
    if (isStored && held.handedOver > 0) {
      held.baseFact = held.queue[held.handedOver - 1];
      held.base += held.handedOver;
      held.queue = held.queue.slice(held.handedOver);
    }
    held.handedOver = 0;
  }

  #append({ entityId, base, baseFact, queue, handedOver }: Held, nowMs: number, key?: string): Row {
    const pending = queue.slice(handedOver);
    if (pending.length === 0) return { facts: [], duplicate: false };
    const known = key === undefined ? undefined : this.keys.get(`${entityId} ${key}`);
    if (known !== undefined && !known.some((fact) => pending.includes(fact))) {
      const isSame = known.map(({ name }) => name).join() === pending.map(({ name }) => name).join();
      return isSame ? { facts: known, duplicate: true } : { code: "idempotency_mismatch" };
    }
    const stream = this.stream(entityId);
    const expected = base + handedOver;
    const expectedFact = handedOver > 0 ? queue[handedOver - 1] : baseFact;
    const conflict = { code: expected === 0 ? "entity_exists" : "concurrency_conflict" };
    if (stream.length < expected) return conflict;
    if (stream.length === expected && stream.at(-1) !== expectedFact) return conflict;
    const stored = stream.slice(expected, expected + pending.length);
    const differsAt = stored.findIndex((fact, index) => fact !== pending[index]);
    if (differsAt === 0) return conflict;
    if (differsAt > 0) return { code: "corrupt_retry" };
    const rest = pending.slice(stored.length);
    if (rest.length === 0) return { facts: pending, duplicate: true };
    this.write(rest, nowMs);
    if (key !== undefined && known === undefined) this.keys.set(`${entityId} ${key}`, rest);
    return { facts: pending, duplicate: false };
  }

  /** Stores events of one entity, each no earlier than the one before it. */
  write(facts: readonly Fact[], nowMs: number): void {
    for (const fact of facts) {
      fact.recordedMs = Math.max(nowMs, this.stream(fact.entityId).at(-1)?.recordedMs ?? 0);
      this.log.push(fact);
    }
  }

  save() {
    return { log: [...this.log], erased: new Set(this.erased), keys: new Map(this.keys) };
  }

  restore({ log, erased, keys }: ReturnType<Model["save"]>): void {
    this.log = log;
    this.erased = erased;
    this.keys = keys;
  }
}
