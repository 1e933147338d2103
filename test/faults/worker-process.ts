import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import type { ProcessOptions } from "./process.ts";
import { pause } from "./roles/role.ts";

const script = path.join(import.meta.dirname, "process.ts");

/** A process of the harness: it is told what to do, and is frozen and killed by its own id. */
export class WorkerProcess {
  readonly options: ProcessOptions;
  /** Resolves when it works; rejects where it ends before. */
  readonly ready: Promise<void>;
  /** Why it has ended, where nobody had told it to. */
  failure: string | undefined;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #isOver = false;
  #isMeant = false;
  #errors = "";

  /** @param cache where processes keep what they have compiled: most of what a short one does is to compile the same again. */
  constructor(options: ProcessOptions, cache: string) {
    this.options = options;
    this.#child = spawn(process.execPath, ["--conditions=ventyd-source", script, JSON.stringify(options)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
    });
    // One that is killed does not read what it is told.
    this.#child.stdin?.on("error", () => {});
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on("close", (code, signal) => {
        this.#isOver = true;
        if (!this.#isMeant || (code !== 0 && signal !== "SIGKILL"))
          this.failure = `${options.name} ended with ${code ?? signal}: ${this.#errors.trim()}`;
        resolve();
      });
    });
    this.ready = new Promise((resolve, reject) => {
      this.#child.stdout?.once("data", () => resolve());
      this.#ended.then(() => reject(new Error(this.failure ?? "it was killed")));
    });
    this.ready.catch(() => {});
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async kill(): Promise<void> {
    this.#isMeant = true;
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Stops it where it is, for a while. */
  async freeze(milliseconds: number): Promise<void> {
    this.#child.kill("SIGSTOP");
    await pause(milliseconds);
    this.#child.kill("SIGCONT");
  }

  /** Lets its clock be wrong by so many milliseconds. */
  shiftClock(milliseconds: number): void {
    this.#child.stdin?.write(`clock ${milliseconds}\n`);
  }

  /** Tells it to end; one that does not within the time is killed, which is its failure. */
  async stop(patience: number): Promise<void> {
    this.#isMeant = true;
    this.#child.stdin?.write("stop\n");
    const timer = setTimeout(() => {
      this.failure = `${this.options.name} did not end within ${patience} ms`;
      this.#child.kill("SIGKILL");
    }, patience);
    await this.#ended;
    clearTimeout(timer);
  }
}
