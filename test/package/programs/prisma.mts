import { createRepository, defineReducer, defineSchema, Entity, mutation } from "ventyd";
import { prismaAdapter, type VentydAdapterOptions } from "ventyd/adapter/prisma";
import { z, zod } from "ventyd/zod";

declare const console: { log(line: string): void };

interface EventRow {
  eventId: string;
  eventName: string;
  entityId: string;
  entityName: string;
  eventCreatedAt: Date;
  body: unknown;
  version: number | null;
  metadata: unknown;
}

/** Of a generated client, what the adapter asks for; over arrays. */
function createClient() {
  const rows: EventRow[] = [];
  const views = new Map<string, { entityId: string; title: string }>();
  return {
    event: {
      async findMany(args?: { where: { entityName: string; entityId: string; version?: { gt: number } } }) {
        return rows.filter(
          ({ entityId, version }) =>
            entityId === args?.where.entityId && (version ?? 0) > (args.where.version?.gt ?? -1),
        );
      },
      async createMany(args?: { data: EventRow[] }) {
        rows.push(...(args?.data ?? []));
      },
    },
    snapshot: {
      async findFirst(): Promise<{ entityId: string; entityName: string; state: unknown; version: number } | null> {
        return null;
      },
      async upsert(_: object) {},
    },
    view: {
      async upsert({ create }: { create: { entityId: string; title: string } }) {
        views.set(create.entityId, create);
      },
    },
    views,
    $transaction: (commands: Promise<unknown>[]) => Promise.all(commands),
  };
}

const titled = z.object({ title: z.string() });
const schema = defineSchema("post", {
  schema: zod({ event: { created: titled, renamed: titled }, state: titled }),
  initialEventName: "post:created",
});
const reducer = defineReducer(schema, { "post:created": (_, { body }) => body, "post:renamed": (_, { body }) => body });
class Post extends Entity(schema, reducer) {
  rename = mutation(this, (dispatch, title: string) => dispatch("post:renamed", { title }));
}

async function main() {
  const prisma = createClient();
  const adapter = prismaAdapter({
    prisma,
    schema,
    metadata: true,
    tables: { event: prisma.event, snapshot: prisma.snapshot, view: prisma.view },
    entityToViewRow: ({ entityId, state }) => {
      // @ts-expect-error the title is text
      const title: number = state.title;
      return { entityId, title: String(title) };
    },
  });
  // @ts-expect-error the client and its tables are missing
  const options: VentydAdapterOptions<typeof schema, EventRow, EventRow, never, never, never> = {};
  const posts = createRepository(Post, { adapter, attribution: "required" });
  const alice = { actor: "alice", reason: "to try it" };
  await posts.create({ entityId: "1", body: { title: "Hello" } }, alice);
  await posts.mutate({ entityId: "1" }, (post) => post.rename("Hello, world"), alice);
  const [, renamed] = await posts.history({ entityId: "1" });
  const post = await posts.findOneOrThrow({ entityId: "1" });
  console.log(JSON.stringify([post.state, renamed?.event.metadata?.actor, [...prisma.views.values()], typeof options]));
}

void main();
