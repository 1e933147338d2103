import { createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { Post } from "./post.ts";

const store = createMemoryStore();
const posts = createRepository(Post, { adapter: store });
const { entity } = await posts.create({ body: { title: "Ann Lee, 12 Elm Street" } }, { actor: "ann" });
const { entityId } = entity;

// #region event
await posts.mutate({ entityId }, (post) => post.delete(), { actor: "ann", reason: "Posted twice" });
const deleted = await posts.findOneOrThrow({ entityId });
console.log(deleted.state); // => { title: 'Ann Lee, 12 Elm Street', status: 'deleted' }
// #endregion

// #region erase
await store.erase({ entityName: "post", entityId }, { actor: "bob", reason: "Erasure request 31" });

const error = await posts.findOne({ entityId }).catch((error) => error);
console.log(error.code); // => entity_erased
for (const { event } of await posts.history({ entityId })) {
  console.log(event.version, event.eventName, event.metadata.actor, event.body);
}
// => 1 post:drafted ann null
// => 2 post:deleted ann null
// => 3 post:$erased bob null
// #endregion
