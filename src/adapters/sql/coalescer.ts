import type { StoredEvent } from "../../schema/event.ts";
import type { EncodedCommit } from "../../storage/index.ts";
import { afterwards } from "../../util/timers.ts";
import { nameOf } from "./gathered-log.ts";

/** How many commits one statement takes, and how many characters of JSON. */
const mostCommits = 100;
const mostText = 1_000_000;

/** How many statements may be under way at once. A second one prepares itself while the first one waits for the disk. */
const mostBatches = 2;

/**
 * What became of a commit: its events as stored; `"not_written"` where it must be decided by itself; `"unknown"` where the statement failed, which may
 * have been before or after it took effect.
 */
export type Coalesced = readonly StoredEvent[] | "not_written" | "unknown";

interface Waiting {
  readonly encoded: EncodedCommit;
  readonly resolve: (outcome: Coalesced) => void;
}

type AppendTogether = (commits: readonly EncodedCommit[]) => Promise<readonly (readonly StoredEvent[] | undefined)[]>;

/**
 * Lets commits of one process share statements, and with them transactions and waits for the disk. A caller who is alone waits for nobody. Where there are
 * several, those who come are gathered, in the order of their coming, until all who have just been answered have had the time to come again; and while as many
 * statements as may be are under way.
 */
export class Coalescer {
  readonly #appendTogether: AppendTogether;
  #waiting: Waiting[] = [];
  /** The entities of what is under way. */
  readonly #busy = new Set<string>();
  #underWay = 0;
  /** How many commits the last statement took. */
  #lastSize = 1;
  #isGathering = false;

  constructor(appendTogether: AppendTogether) {
    this.#appendTogether = appendTogether;
  }

  append(encoded: EncodedCommit): Promise<Coalesced> {
    return new Promise((resolve) => {
      this.#waiting.push({ encoded, resolve });
      if (this.#underWay === 0 && this.#lastSize === 1) this.#flush();
      else this.#gather();
    });
  }

  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    afterwards(() => {
      this.#isGathering = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#underWay < mostBatches) {
      const batch = this.#nextBatch();
      if (batch.length === 0) return;
      this.#underWay++;
      this.#lastSize = batch.length;
      void this.#write(batch).then(() => {
        this.#underWay--;
        for (const { encoded } of batch) this.#busy.delete(nameOf(encoded.commit));
        if (this.#waiting.length > 0) this.#gather();
      });
    }
  }

  /** At most one commit of each entity, and none of one that is under way: the next one stands on what this one comes to. */
  #nextBatch(): readonly Waiting[] {
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    const entities = new Set(this.#busy);
    let text = 0;
    for (const waiting of this.#waiting) {
      const name = nameOf(waiting.encoded.commit);
      const size = textOf([waiting.encoded]);
      const fits = batch.length === 0 || (batch.length < mostCommits && text + size <= mostText);
      if (!fits || entities.has(name)) {
        rest.push(waiting);
        // What waits keeps its place before what came after it.
        entities.add(name);
        continue;
      }
      batch.push(waiting);
      entities.add(name);
      text += size;
    }
    this.#waiting = rest;
    for (const { encoded } of batch) this.#busy.add(nameOf(encoded.commit));
    return batch;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    let outcomes: readonly Coalesced[];
    try {
      const stored = await this.#appendTogether(batch.map(({ encoded }) => encoded));
      outcomes = stored.map((events) => events ?? "not_written");
    } catch {
      // One of them is why, or the connection: each by itself finds out, and whether it has been written.
      outcomes = batch.map(() => "unknown");
    }
    for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index] as Coalesced);
  }
}

/** How many characters of JSON the bodies of some commits have. */
export function textOf(commits: readonly EncodedCommit[]): number {
  let text = 0;
  for (const { events } of commits) for (const { bodyText } of events) text += bodyText.length;
  return text;
}
