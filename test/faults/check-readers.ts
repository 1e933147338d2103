import { type Count, type History, promises, type SeenEvent, type Violation } from "./facts.ts";
import { isSame } from "./is-same.ts";

/** Holds what each reader was shown against the log, as it comes: a long run shows more than memory takes. */
export function* checkReaders({ facts, stored }: History, count: Count): Generator<Violation> {
  const readers = new Map<string, Reader>();
  for (const fact of facts) {
    if (fact.kind !== "saw") continue;
    count(promises.reader_skipped);
    let reader = readers.get(fact.reader);
    if (reader === undefined) {
      reader = new Reader(fact.reader, stored);
      readers.set(fact.reader, reader);
    }
    yield* reader.saw(fact.event);
  }
  for (const reader of readers.values()) yield* reader.end();
}

class Reader {
  readonly #name: string;
  readonly #stored: readonly SeenEvent[];
  /** How many of the log have been passed. */
  #passed = 0;
  #last = 0;
  /** Positions that were passed over; one that comes later is out of order, which is told, and not left out. */
  readonly #skipped = new Set<number>();

  constructor(name: string, stored: readonly SeenEvent[]) {
    this.#name = name;
    this.#stored = stored;
  }

  *saw(event: SeenEvent): Generator<Violation> {
    const { position } = event;
    if (position <= this.#last) {
      this.#skipped.delete(position);
      yield { kind: "reader_out_of_order", subject: `${this.#name}: ${this.#last}, ${position}` };
      this.#last = position;
      return;
    }
    this.#last = position;
    let next = this.#stored[this.#passed];
    for (; next !== undefined && next.position < position; next = this.#stored[++this.#passed])
      this.#skipped.add(next.position);
    if (next?.position !== position) {
      const nobody = this.#stored.some((one) => one.position === position) ? "" : ", where nothing is stored";
      if (nobody !== "") yield { kind: "reader_saw_another", subject: `${this.#name}: ${position}${nobody}` };
      return;
    }
    this.#passed++;
    if (!isSame(next, event)) yield { kind: "reader_saw_another", subject: `${this.#name}: ${position}` };
  }

  *end(): Generator<Violation> {
    for (const position of this.#skipped) yield { kind: "reader_skipped", subject: `${this.#name}: ${position}` };
  }
}
