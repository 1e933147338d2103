// #region given
import { given } from "ventyd/testing";
import { test } from "vitest";
import { Post } from "./post.ts";

test("a draft can be approved", () => {
  given(Post)
    .events(["post:drafted", { title: "Hello" }])
    .when((post) => post.approve())
    .thenEvents(["post:approved", {}])
    .thenState({ title: "Hello", status: "approved" });
});

test("a post is approved once", () => {
  given(Post)
    .events(["post:drafted", { title: "Hello" }], ["post:approved", {}])
    .when((post) => post.approve())
    .thenError("Only drafts can be approved");
});
// #endregion

test("a title that stays the same is no event", () => {
  given(Post)
    .events(["post:drafted", { title: "Hello" }])
    .when((post) => post.retitle("Hello"))
    .thenEvents();
});
