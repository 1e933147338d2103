import { defineEntity, type EntityOptions } from "ventyd";
import { z } from "zod";

export class PostClosedError extends Error {
  readonly code = "post_closed";
}

// #region entity
export const definePost = (options: EntityOptions = {}) =>
  defineEntity("post", {
    state: z.object({ title: z.string(), status: z.enum(["draft", "approved", "closed"]) }),
    events: {
      created: z.object({ title: z.string() }),
      approved: z.object({ comment: z.string() }),
      closed: z.object({}),
    },
    initial: "created",
    reduce: {
      created: (_, { body }) => ({ title: body.title, status: "draft" }),
      approved: (post) => ({ ...post, status: "approved" }),
      closed: (post) => ({ ...post, status: "closed" }),
    },
    mutations: {
      approve: ({ state, dispatch }, comment: string) => {
        if (state.status === "closed") throw new PostClosedError("This post is closed");
        if (state.status === "draft") dispatch("approved", { comment });
      },
      approveWhenRead: async ({ state, dispatch }, read: (title: string) => Promise<string>) => {
        const comment = await read(state.title);
        if (state.status === "closed") throw new PostClosedError("This post is closed");
        dispatch("approved", { comment });
      },
    },
    ...options,
  });

export const Post = definePost();
// #endregion
