// What the types of the adapter make of the generated client: checked by prisma.test.ts, for the client is generated there.
import { type Adapter, createRepository } from "ventyd";
import { prismaAdapter } from "ventyd/adapter/prisma";
import type { PrismaClient } from "./generated/client.ts";
import { Post, type openPosts, postSchema } from "./posts.ts";

declare const prisma: PrismaClient;
declare const posts: ReturnType<typeof openPosts>;

/** True where two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const yes = <T extends true>(_?: T) => {};

const found = await posts.findOne({ entityId: "p1" });
yes<Same<typeof found, Post | null>>();

const oldTables = { event: prisma.oldEvent, snapshot: prisma.oldSnapshot, view: prisma.oldView };
const tables = { event: prisma.event, snapshot: prisma.snapshot, view: prisma.postView };

// As 1.20.4 was used: the schema comes from where the adapter goes to.
const typed: Adapter<typeof postSchema> = prismaAdapter({
  prisma,
  tables: oldTables,
  snapshotEvery: 50,
  entityToViewRow: ({ entityName, entityId, state, version }) => {
    yes<Same<typeof entityName, "post">>();
    yes<Same<typeof state.status, "draft" | "approved">>();
    return { entityId, entityName, version, text: state.title };
  },
});
createRepository(Post, { adapter: typed });

// Nobody says the schema: the state may be used as it is, or be given its type.
createRepository(Post, {
  adapter: prismaAdapter({
    prisma,
    tables: oldTables,
    entityToViewRow: ({ entityId, entityName, state, version }) => ({
      entityId,
      entityName,
      version,
      text: state.title,
    }),
  }),
});
prismaAdapter({
  prisma,
  tables: oldTables,
  entityToViewRow: (args: { entityId: string; entityName: string; state: { title: string }; version: number }) => ({
    entityId: args.entityId,
    entityName: args.entityName,
    version: args.version,
    text: args.state.title,
  }),
});

// Only the schema is said: a row may be anything.
prismaAdapter<typeof postSchema>({
  prisma,
  tables: oldTables,
  entityToViewRow: ({ entityId, state }) => ({ entityId, text: state.title }),
});

// A nullable version, a column of metadata and compound keys are what the client has; a row is checked against its table.
prismaAdapter({
  prisma,
  schema: postSchema,
  tables,
  compoundKey: "entityName_entityId",
  entityToViewRow: ({ entityName, entityId, state: { title, status }, version }) => ({
    entityName,
    entityId,
    version,
    title,
    status,
  }),
});
prismaAdapter({
  prisma,
  schema: postSchema,
  // @ts-expect-error the tables have a compound key, which is not named
  tables,
  entityToViewRow: ({ entityId }) => ({ entityId, entityName: "post", version: 1, title: "", status: "" }),
});
prismaAdapter({
  prisma,
  schema: postSchema,
  tables,
  compoundKey: "entityName_entityId",
  // @ts-expect-error the row lacks the status
  entityToViewRow: ({ entityName, entityId, version }) => ({ entityName, entityId, version, title: "" }),
});
prismaAdapter({
  prisma,
  tables: {
    ...oldTables,
    // @ts-expect-error that is no table of events
    event: prisma.snapshot,
  },
  entityToViewRow: ({ entityId, entityName, version }) => ({ entityId, entityName, version, text: "" }),
});
prismaAdapter({
  prisma,
  schema: postSchema,
  tables: oldTables,
  entityToViewRow: ({ entityId, entityName, state, version }) => ({
    entityId,
    entityName,
    version,
    // @ts-expect-error the state has no such key
    text: state.headline,
  }),
});
