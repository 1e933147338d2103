import type { WakeUps } from "../../storage/index.ts";
import { randomId } from "../../util/random-id.ts";
import { pause, startIdleTimer } from "../../util/timers.ts";
import type { HintsSql } from "./dialect.ts";
import type { SqlExecutor } from "./executor.ts";

/** Milliseconds between two hints of one process. Those who commit in between share the second one. */
const spacing = 10;

/** Milliseconds until one who could not listen, or was cut off, tries again; each time in vain doubles them. */
const shortestRetry = 1_000;
const longestRetry = 30_000;

/** Milliseconds that closing waits at most. */
const longestEnd = 1_000;

/**
 * Tells other processes that something was stored, and hears of it from them: what `WakeUps` are inside one process. A hint is sent after its commit and on
 * its own, for one inside a transaction would let commits wait for each other. It is never awaited and its failure is nobody's: one that is lost, or that
 * a pooler keeps to itself, costs time, for subscriptions look for themselves.
 */
export class Hints {
  readonly #sql: HintsSql | undefined;
  readonly #executor: SqlExecutor<unknown>;
  readonly #wakeUps: WakeUps;
  readonly #sender = randomId();
  #channel: Promise<string> | undefined;
  #sending: Promise<void> | undefined;
  #isDue = false;
  /** How many wait for more. */
  #waiting = 0;
  #isClosed = false;
  /** The listening that is wanted; what belongs to an earlier one is ended. */
  #wanted: object | undefined;
  #listening: Promise<void> = Promise.resolve();
  #stopListening: (() => Promise<void>) | undefined;
  #retry = shortestRetry;
  #stopTimer = () => {};

  constructor(sql: HintsSql | undefined, executor: SqlExecutor<unknown>, wakeUps: WakeUps) {
    this.#sql = sql;
    this.#executor = executor;
    this.#wakeUps = wakeUps;
  }

  /** Whether hints of others arrive, as far as can be told. */
  get areHeard(): boolean {
    return this.#stopListening !== undefined;
  }

  /** Something was committed. */
  send(): void {
    if (this.#sql === undefined) return;
    this.#isDue = true;
    this.#sending ??= this.#sendAll(this.#sql);
  }

  async #sendAll(sql: HintsSql): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false;
      await this.#name(sql)
        .then((channel) => sql.send(this.#executor, channel, this.#sender))
        .catch(() => {});
      await pause(spacing);
    }
    this.#sending = undefined;
  }

  /** Listens from now on, until what it returns is called; for several at once, once. */
  attend(): () => void {
    if (this.#waiting++ === 0) this.#listen();
    return () => {
      if (--this.#waiting === 0) this.#stop();
    };
  }

  /** Ends for good what is under way, and waits for it, though not for a server that does not answer. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stop();
    const late = new Promise<void>((resolve) => startIdleTimer(longestEnd, resolve));
    await Promise.race([Promise.all([this.#sending, this.#listening]), late]);
  }

  #listen(): void {
    const { listen } = this.#executor;
    const sql = this.#sql;
    if (listen === undefined || sql === undefined || this.#isClosed) return;
    const mine = {};
    this.#wanted = mine;
    const isWanted = () => this.#wanted === mine;
    const onHint = (sender: string) => {
      if (sender !== this.#sender) this.#wakeUps.notify();
    };
    const onLost = () => {
      if (isWanted()) this.#listenLater();
    };
    const begin = async () => {
      try {
        const stop = await listen(await this.#name(sql), onHint, onLost);
        if (!isWanted()) return await stop();
        this.#stopListening = stop;
        this.#retry = shortestRetry;
        // What came before the first hint could be heard.
        this.#wakeUps.notify();
      } catch {
        onLost();
      }
    };
    // One after the other: the same channel of the same connection may have to be given up first.
    this.#listening = this.#listening.then(begin);
  }

  #listenLater(): void {
    this.#wanted = undefined;
    this.#stopListening = undefined;
    this.#stopTimer = startIdleTimer(this.#retry, () => this.#listen());
    this.#retry = Math.min(this.#retry * 2, longestRetry);
  }

  #stop(): void {
    this.#wanted = undefined;
    this.#stopTimer();
    const stop = this.#stopListening;
    this.#stopListening = undefined;
    if (stop !== undefined) this.#listening = this.#listening.then(stop).catch(() => {});
  }

  #name(sql: HintsSql): Promise<string> {
    this.#channel ??= sql.channel(this.#executor).catch((error) => {
      this.#channel = undefined;
      throw error;
    });
    return this.#channel;
  }
}
