import { createRepository, type MutationPreview } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { Post } from "./post.ts";

const posts = createRepository(Post, { adapter: createMemoryStore() });
const { entity } = await posts.create({ body: { title: "Hello" } });
const { entityId } = entity;
const other = await posts.preview({ entityId }, (post) => post.retitle("Hi"));

// #region approval
const preview = await posts.preview({ entityId }, (post) => post.retitle("Hello, world"));
console.log(preview.before, preview.after);
// => { title: 'Hello', status: 'draft' } { title: 'Hello, world', status: 'draft' }
const kept = JSON.stringify(preview); // in a table of your own, until somebody decides

const approved: MutationPreview = JSON.parse(kept);
await posts.commit(approved, { actor: "bob", reason: "Approved, ticket 12" });
// #endregion

console.log((await posts.findOneOrThrow({ entityId })).state.title); // => Hello, world
console.log((await posts.commit(approved)).duplicate); // => true
const error = await posts.commit(other).catch((error) => error);
console.log(error.code); // => concurrency_conflict
