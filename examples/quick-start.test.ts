import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { given } from "ventyd/testing";
import { expect, onTestFinished, test, vi } from "vitest";

const file = path.join(import.meta.dirname, "quick-start.ts");

test("the short example prints what its comments say", () => {
  const output = execFileSync(process.execPath, ["--conditions=ventyd-source", file], { encoding: "utf8" });
  expect(output).toBe(
    [
      "1 post:drafted ann First draft { title: 'Hello', status: 'draft' }",
      "2 post:approved bob Reviewed it { title: 'Hello', status: 'approved' }",
      "3 post:$rolled_back ann Found a mistake { title: 'Hello', status: 'draft' }",
      "approved",
      "",
    ].join("\n"),
  );
  const comments = [...readFileSync(file, "utf8").matchAll(/^\/\/ (\d post:.*)$/gm)].map(([, line]) => line);
  expect(comments).toEqual(output.split("\n").slice(0, 3));
});

test("its post is tested without a database", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  const { Post } = await import("./quick-start.ts");

  // #region given
  given(Post)
    .events(["post:drafted", { title: "Hello" }])
    .when((post) => post.approve("LGTM"))
    .thenEvents(["post:approved", { comment: "LGTM" }])
    .thenState({ title: "Hello", status: "approved" });
  // #endregion

  given(Post)
    .events(["post:drafted", { title: "Hello" }], ["post:approved", { comment: "LGTM" }])
    .when((post) => post.approve("LGTM"))
    .thenError("This post is approved already");
});
