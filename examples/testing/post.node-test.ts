// #region node
import test from "node:test";
import { given } from "ventyd/testing";
import { Post, PostClosedError } from "./post.ts";

const draft = given(Post).events(["post:created", { title: "Hello" }]);

test("approving a draft", () => {
  draft.when((post) => post.approve("LGTM")).thenEvents(["post:approved", { comment: "LGTM" }]);
});

test("approving a closed post", async () => {
  const closed = draft.events(["post:closed", {}]);
  await closed.when((post) => post.approveWhenRead(async () => "LGTM")).thenError(PostClosedError);
});
// #endregion
