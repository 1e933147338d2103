// #region quick-start
import Database from "better-sqlite3";
import { createRepository, defineEntity } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z } from "zod";

export const Post = defineEntity("post", {
  state: z.object({ title: z.string(), status: z.enum(["draft", "approved"]) }),
  events: {
    drafted: z.object({ title: z.string() }),
    approved: z.object({ comment: z.string() }),
  },
  initial: "drafted",
  reduce: {
    drafted: (_, { body }) => ({ title: body.title, status: "draft" }),
    approved: (state) => ({ ...state, status: "approved" }),
  },
  mutations: {
    approve: ({ state, dispatch }, comment: string) => {
      if (state.status === "approved") throw new Error("This post is approved already");
      dispatch("approved", { comment });
    },
  },
});

const store = createSqliteStore(new Database(":memory:")); // or a file
await store.migrate(); // makes the tables
const posts = createRepository(Post, { adapter: store, attribution: "required" });

const { entity } = await posts.create({ body: { title: "Hello" } }, { actor: "ann", reason: "First draft" });
const { entityId } = entity;
await posts.mutate({ entityId }, (post) => post.approve("LGTM"), { actor: "bob", reason: "Reviewed it" });
await posts.rollback({ entityId, toVersion: 1 }, { actor: "ann", reason: "Found a mistake" });

for (const { event, after } of await posts.history({ entityId })) {
  console.log(event.version, event.eventName, event.metadata.actor, event.metadata.reason, after);
}
// 1 post:drafted ann First draft { title: 'Hello', status: 'draft' }
// 2 post:approved bob Reviewed it { title: 'Hello', status: 'approved' }
// 3 post:$rolled_back ann Found a mistake { title: 'Hello', status: 'draft' }

const approved = await posts.findOneOrThrow({ entityId, version: 2 }); // or { at: "2026-01-31T09:30:00Z" }
console.log(approved.state.status); // approved: nothing was deleted
// #endregion
