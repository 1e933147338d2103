// Outside of the project's type check, for what it imports is generated; the test beside it checks and runs it.
import { createRepository, defineReducer, defineSchema, Entity, mutation } from "ventyd";
import { prismaAdapter } from "ventyd/adapter/prisma";
import { z, zod } from "ventyd/zod";
import type { PrismaClient } from "./generated/client.ts";

export const postSchema = defineSchema("post", {
  schema: zod({
    event: {
      drafted: z.object({ title: z.string(), slug: z.string().optional() }),
      retitled: z.object({ title: z.string() }),
      approved: z.object({}),
    },
    state: z.object({ title: z.string(), slug: z.string().optional(), status: z.enum(["draft", "approved"]) }),
  }),
  initialEventName: "post:drafted",
});

const postReducer = defineReducer(postSchema, {
  "post:drafted": (_, { body }) => ({ ...body, status: "draft" }),
  "post:retitled": (state, { body }) => ({ ...state, ...body }),
  "post:approved": (state) => ({ ...state, status: "approved" }),
});

export class Post extends Entity(postSchema, postReducer) {
  retitle = mutation(this, (dispatch, title: string) => dispatch("post:retitled", { title }));
  approve = mutation(this, (dispatch) => {
    if (this.state.status === "approved") throw new Error("This post is approved already");
    dispatch("post:approved", {});
  });
}

// #region adapter
export function openPosts(prisma: PrismaClient) {
  const adapter = prismaAdapter({
    prisma,
    schema: postSchema,
    tables: { event: prisma.event, snapshot: prisma.snapshot, view: prisma.postView },
    entityToViewRow: ({ entityName, entityId, state, version }) => ({
      entityName,
      entityId,
      version,
      title: state.title,
      status: state.status,
      slug: state.slug ?? null,
    }),
    compoundKey: "entityName_entityId",
    metadata: true,
    snapshotEvery: 100,
  });
  return createRepository(Post, { adapter, attribution: "required" });
}
// #endregion
