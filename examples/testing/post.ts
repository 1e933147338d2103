import { defineReducer, defineSchema, Entity, mutation } from "ventyd";
import { z, zod } from "ventyd/zod";

export class PostClosedError extends Error {
  readonly code = "post_closed";
}

export const postSchema = defineSchema("post", {
  schema: zod({
    event: {
      created: z.object({ title: z.string() }),
      approved: z.object({ comment: z.string() }),
      closed: z.object({}),
    },
    state: z.object({ title: z.string(), status: z.enum(["draft", "approved", "closed"]) }),
  }),
  initialEventName: "post:created",
});

export const postReducer = defineReducer(postSchema, {
  "post:created": (_, { body }) => ({ title: body.title, status: "draft" }),
  "post:approved": (state) => ({ ...state, status: "approved" }),
  "post:closed": (state) => ({ ...state, status: "closed" }),
});

export class Post extends Entity(postSchema, postReducer) {
  approve = mutation(this, (dispatch, comment: string) => {
    if (this.state.status === "closed") throw new PostClosedError("This post is closed");
    if (this.state.status === "draft") dispatch("post:approved", { comment });
  });

  approveWhenRead = mutation(this, async (dispatch, read: (title: string) => Promise<string>) => {
    const comment = await read(this.state.title);
    if (this.state.status === "closed") throw new PostClosedError("This post is closed");
    dispatch("post:approved", { comment });
  });
}
