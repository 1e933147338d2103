import { createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { Post } from "./post.ts";

const posts = createRepository(Post, { adapter: createMemoryStore() });
const { entity } = await posts.create({ body: { title: "Hello" } });
const { entityId } = entity;
await posts.mutate({ entityId }, (post) => post.retitle("Good bye"));

// #region undo
const preview = await posts.previewRollback({ entityId, toVersion: 1 });
console.log(preview.before, preview.after);
// => { title: 'Good bye', status: 'draft' } { title: 'Hello', status: 'draft' }
await posts.rollback(preview, { actor: "ann", reason: "The wrong post" });
// #endregion

console.log((await posts.findOneOrThrow({ entityId })).state.title); // => Hello

// #region redo
await posts.rollback({ entityId, toVersion: 2 }, { actor: "ann", reason: "It was the right one" });
console.log((await posts.findOneOrThrow({ entityId })).state.title); // => Good bye
// #endregion

// #region irreversible
await posts.mutate({ entityId }, (post) => post.approve());
await posts.mutate({ entityId }, (post) => post.announce(1_200));
const error = await posts
  .rollback({ entityId, toVersion: 1 }, { actor: "ann", reason: "Too early" })
  .catch((error) => error);
console.log(error.code); // => irreversible_event
// #endregion
