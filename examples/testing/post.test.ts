import { defineReducer, Entity, mutation } from "ventyd";
import { createTestClock, createTestIds, given } from "ventyd/testing";
import { describe, expect, test } from "vitest";
import { Post, postReducer, postSchema } from "./post.ts";

// #region given
describe("approving a post", () => {
  const draft = given(Post).events(["post:created", { title: "Hello" }]);

  test("makes it an approved one", () => {
    draft
      .when((post) => post.approve("LGTM"))
      .thenEvents(["post:approved", { comment: "LGTM" }])
      .thenState({ title: "Hello", status: "approved" });
  });

  test("once more does nothing", () => {
    draft
      .events(["post:approved", { comment: "LGTM" }])
      .when((post) => post.approve("Still LGTM"))
      .thenEvents();
  });

  test("is refused once it is closed", () => {
    draft
      .events(["post:closed", {}])
      .when((post) => post.approve("LGTM"))
      .thenError("post_closed");
  });

  test("waits for its reader", async () => {
    await draft
      .when((post) => post.approveWhenRead(async (title) => `${title} reads well`))
      .thenEvents(["post:approved", { comment: "Hello reads well" }]);
  });
});
// #endregion

describe("more of given", () => {
  // #region more
  test("a new post is a draft", () => {
    given(Post)
      .when(() => Post.create({ body: { title: "Hello" } }))
      .thenEvents(["post:created", { title: "Hello" }])
      .thenState({ title: "Hello", status: "draft" });
  });

  test("a rollback opens a closed post again", () => {
    given(Post)
      .events(["post:created", { title: "Hello" }], ["post:closed", {}], {
        eventName: "post:$rolled_back",
        body: { toVersion: 1 },
      })
      .thenState({ title: "Hello", status: "draft" });
  });
  // #endregion
});

// #region clock
test("with a clock and ids of its own an event is the same in every run", () => {
  const clock = createTestClock("2026-01-31T09:30:00Z");
  const TestPost = Entity(postSchema, postReducer, { now: clock.now, generateId: createTestIds() });

  TestPost.create({ body: { title: "First" } });
  clock.advance(60_000);
  expect(TestPost.create({ body: { title: "Second" } }).uncommittedEvents).toEqual([
    {
      eventId: "event-2",
      eventCreatedAt: "2026-01-31T09:31:00.000Z",
      eventName: "post:created",
      entityName: "post",
      entityId: "entity-2",
      version: 1,
      body: { title: "Second" },
    },
  ]);
});
// #endregion

// #region checks
test("a reducer that writes into its state is found out", () => {
  const sloppyReducer = defineReducer(postSchema, (state, event) => {
    if (event.eventName === "post:closed") state.status = "closed";
    return event.eventName === "post:closed" ? state : postReducer(state, event);
  });
  class StrictPost extends Entity(postSchema, sloppyReducer, { checks: "throw" }) {
    close = mutation(this, (dispatch) => dispatch("post:closed", {}));
  }

  given(StrictPost)
    .events(["post:created", { title: "Hello" }])
    .when((post) => post.close())
    .thenError("reducer_mutates");
});
// #endregion
