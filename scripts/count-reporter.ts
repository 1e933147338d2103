import type { Reporter, TestModule } from "vitest/node";

/**
 * Prints `N passed, N failed` as the last line of a run. Whatever did not pass counts as failed: a file or a hook that
 * threw, an error outside every test, an unfinished test, a run that found nothing, and a skipped test, unless it gives its
 * reason (`context.skip("...")`). Every test that did not run is named.
 */
export default class CountReporter implements Reporter {
  #line = "0 passed, 1 failed";
  #watching = false;

  constructor() {
    // After everything else that vitest prints at the end of a run.
    process.once("exit", () => {
      if (!this.#watching) process.stdout.write(`${this.#line}\n`);
    });
  }

  onWatcherStart(): void {
    this.#watching = true;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      const before = failed;
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") passed += 1;
        else if (result.state === "failed") failed += 1;
        else {
          const reason = result.state === "skipped" ? result.note : undefined;
          if (reason === undefined) failed += 1;
          console.log(`not run: ${module.relativeModuleId} > ${test.fullName}: ${reason ?? "no reason given"}`);
        }
      }
      if (module.state() === "failed" && failed === before) failed += 1;
    }
    this.#line = `${passed} passed, ${passed + failed === 0 ? 1 : failed} failed`;
    if (this.#watching) console.log(this.#line);
    if (failed > 0) process.exitCode = 1;
  }
}
