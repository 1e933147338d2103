import Database from "better-sqlite3";
import {
  createRepository,
  type EventStore,
  type InferEventFromSchema,
  type InferStateFromSchema,
  type ReadonlyEntity,
  type StoreRepository,
} from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { createSqliteStore } from "ventyd/sqlite";
import { Post } from "./post.ts";

// #region types
type PostEntity = InstanceType<typeof Post>;
type PostState = InferStateFromSchema<typeof Post.schema>;
type PostEvent = InferEventFromSchema<typeof Post.schema>; // of all names; eventName tells them apart
type Posts = StoreRepository<PostEntity, typeof Post.schema>;

const heading = ({ title, status }: PostState) => (status === "draft" ? `${title} (draft)` : title);
const titleIn = (event: PostEvent) => (event.eventName === "post:retitled" ? event.body.title : undefined);
const publish = (post: PostEntity) => post.approve();
const print = (post: PostEntity | ReadonlyEntity<PostEntity>) => console.log(heading(post.state));

async function publishAndPrint(posts: Posts, entityId: string) {
  const { entity } = await posts.mutate({ entityId }, publish);
  print(await posts.findOneOrThrow({ entityId, version: 1 })); // => Hello (draft)
  print(entity); // => Hello
}
// #endregion

// #region store
function openStore(file: string | undefined): EventStore {
  return file === undefined ? createMemoryStore() : createSqliteStore(new Database(file));
}

const store = openStore(process.env.DATABASE_FILE);
await store.migrate();
const posts: Posts = createRepository(Post, { adapter: store });
// #endregion
const { entity } = await posts.create({ body: { title: "Hello" } });
await publishAndPrint(posts, entity.entityId);

export { titleIn };
