import { defineEntity } from "ventyd";
import { z } from "zod";

// #region post
export const Post = defineEntity("post", {
  state: z.object({ title: z.string(), status: z.enum(["draft", "approved", "announced", "deleted"]) }),
  events: {
    drafted: z.object({ title: z.string() }),
    retitled: z.object({ title: z.string() }),
    approved: z.object({}),
    announced: z.object({ recipients: z.int() }),
    deleted: z.object({}),
  },
  initial: "drafted",
  irreversible: ["announced"],
  reduce: {
    drafted: (_, { body }) => ({ title: body.title, status: "draft" }),
    retitled: (post, { body }) => ({ ...post, title: body.title }),
    approved: (post) => ({ ...post, status: "approved" }),
    announced: (post) => ({ ...post, status: "announced" }),
    deleted: (post) => ({ ...post, status: "deleted" }),
  },
  mutations: {
    retitle: ({ state, dispatch }, title: string) => {
      if (title !== state.title) dispatch("retitled", { title });
    },
    approve: ({ state, dispatch }) => {
      if (state.status !== "draft") throw new Error("Only drafts can be approved");
      dispatch("approved", {});
    },
    announce: ({ state, dispatch }, recipients: number) => {
      if (state.status !== "approved") throw new Error("Only approved posts can be announced");
      dispatch("announced", { recipients });
    },
    delete: ({ state, dispatch }) => {
      if (state.status !== "deleted") dispatch("deleted", {});
    },
  },
});
// #endregion
