import { createRepository, defineEntity } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { createTestClock, createTestIds, given } from "ventyd/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { definePost, Post } from "./post.ts";

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
  const TestPost = definePost({ now: clock.now, generateId: createTestIds() });

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

// #region memory
test("an approval is stored with who gave it, and when", async () => {
  const clock = createTestClock("2026-01-31T09:30:00Z");
  const posts = createRepository(definePost({ now: clock.now }), {
    adapter: createMemoryStore({ now: clock.now }),
    attribution: "actor",
  });

  await posts.create({ entityId: "p1", body: { title: "Hello" } }, { actor: "ann" });
  clock.advance(60_000);
  const { events } = await posts.mutate({ entityId: "p1" }, (post) => post.approve("LGTM"), { actor: "bob" });
  expect(events[0]).toMatchObject({ metadata: { actor: "bob" }, recordedAt: "2026-01-31T09:31:00.000Z" });
});
// #endregion

// #region checks
test("a reducer that writes into its state is found out", () => {
  const List = defineEntity("list", {
    state: z.object({ items: z.array(z.string()) }),
    events: { started: z.object({}), added: z.object({ item: z.string() }) },
    initial: "started",
    reduce: {
      started: () => ({ items: [] }),
      added: (list, { body }) => {
        list.items.push(body.item);
        return list;
      },
    },
    mutations: { add: ({ dispatch }, item: string) => dispatch("added", { item }) },
    checks: "throw",
  });

  given(List)
    .events(["list:started", {}])
    .when((list) => list.add("milk"))
    .thenError("reducer_mutates");
});
// #endregion
