import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, onTestFinished } from "vitest";
import { deferred } from "./promises.ts";

// Most of what a short process does is to compile what the one before it has compiled.
const compiled = mkdtempSync(path.join(tmpdir(), "ventyd-compiled-"));
afterAll(() => rmSync(compiled, { recursive: true, force: true }));

/**
 * Another process at work, and the facts that it has told so far: lines of JSON on its stdout.
 *
 * @typeParam TFact what its lines say.
 */
export class Worker<TFact extends object> {
  readonly facts: TFact[] = [];
  readonly child: ChildProcess;
  readonly ended = deferred<number | NodeJS.Signals>();
  #rest = "";
  #errors = "";
  #ending: Error | undefined;
  #waiting: { done: (facts: readonly TFact[]) => boolean; resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(script: string, ...args: (string | number)[]) {
    this.child = spawn(process.execPath, ["--conditions=ventyd-source", script, ...args.map(String)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, NODE_COMPILE_CACHE: compiled },
    });
    onTestFinished(() => {
      this.child.kill("SIGKILL");
    });
    // A process that is killed does not read what it is told.
    this.child.stdin?.on("error", () => {});
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    // "close", not "exit": then all that was written before a kill has been read.
    this.child.on("close", (code, signal) => {
      this.#ending = new Error(`the process ended: ${code ?? signal} ${this.#errors}`);
      for (const { reject } of this.#waiting) reject(this.#ending);
      this.ended.resolve(code ?? (signal as NodeJS.Signals));
    });
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() as string;
    this.facts.push(...lines.map((line) => JSON.parse(line) as TFact));
    this.#waiting = this.#waiting.filter(({ done, resolve }) => {
      if (!done(this.facts)) return true;
      resolve();
      return false;
    });
  }

  /** Waits until the facts are such. */
  until(done: (facts: readonly TFact[]) => boolean): Promise<void> {
    if (done(this.facts)) return Promise.resolve();
    if (this.#ending !== undefined) return Promise.reject(this.#ending);
    return new Promise((resolve, reject) => this.#waiting.push({ done, resolve, reject }));
  }

  /** Hands it a line. */
  tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    const ending = await this.ended.promise;
    if (ending !== "SIGKILL") throw new Error(`the process had ended before it was killed: ${ending} ${this.#errors}`);
  }

  async finish(): Promise<void> {
    const ending = await this.ended.promise;
    if (ending !== 0) throw new Error(`the process ended with ${ending}: ${this.#errors}`);
  }
}

/** Lets workers go at the same moment, once all of them have said that they are ready. */
export async function startTogether(workers: readonly Worker<{ readonly ready?: boolean }>[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.until((facts) => facts.some(({ ready }) => ready === true))));
  for (const worker of workers) worker.tell("go");
}
