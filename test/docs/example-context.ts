/** What the examples in the docstrings take for granted. */
import Database from "better-sqlite3";
import type { Knex } from "knex";
import type { Kysely } from "kysely";
import * as ventyd from "ventyd";
import { z, zod } from "ventyd/zod";

export const PostState = z.object({ title: z.string(), status: z.enum(["draft", "approved"]) });

export const postSchema = ventyd.defineSchema("post", {
  schema: zod({
    event: { created: z.object({ title: z.string() }), approved: z.object({ comment: z.string() }) },
    state: PostState,
  }),
  initialEventName: "post:created",
});

export const postReducer = ventyd.defineReducer(postSchema, {
  "post:created": (_, { body }) => ({ title: body.title, status: "draft" }),
  "post:approved": (state) => ({ ...state, status: "approved" }),
});

export class Post extends ventyd.Entity(postSchema, postReducer) {
  approve = ventyd.mutation(this, (dispatch, comment: string) => dispatch("post:approved", { comment }));
}

export const knex = {} as Knex;

export const kysely = {} as Kysely<{ orders: { product: string } }>;

/** A transaction of Drizzle, as far as the examples go. */
interface DrizzleTransaction {
  insert(table: object): { values(row: object): Promise<unknown> };
}

/** A database of Drizzle, as far as the examples go. */
export const drizzle = {} as {
  execute(sql: string): Promise<unknown>;
  transaction<T>(work: (transaction: DrizzleTransaction) => Promise<T>): Promise<T>;
};

export const orders = {};

/** A transaction of Prisma, as far as the examples go. */
interface PrismaTransaction {
  stock: {
    update(args: { where: { product: string }; data: { pieces: { decrement: number } } }): Promise<unknown>;
  };
}

/** A client as Prisma generates it, as far as the examples go. */
export const prisma = {} as {
  $queryRawUnsafe(sql: string, ...params: unknown[]): Promise<unknown>;
  $transaction(commands: unknown[]): Promise<unknown[]>;
  $transaction<T>(work: (transaction: PrismaTransaction) => Promise<T>): Promise<T>;
  event: {
    findMany(): Promise<(ventyd.BaseEventType & { eventCreatedAt: never; version: number | null })[]>;
    createMany(): Promise<unknown>;
  };
  snapshot: {
    findFirst(): Promise<{ entityId: string; entityName: string; state: unknown; version: number } | null>;
    upsert(): Promise<unknown>;
  };
  postView: {
    upsert(args: { create: { entityId: string; title: string; version: number } }): Promise<unknown>;
  };
};

export const database = new Database(":memory:");
export const entityId = "post-1";
export const session = { userId: "alice" };
export const request = { id: "request-1" };
export async function handle(_request: { id: string }): Promise<void> {}
