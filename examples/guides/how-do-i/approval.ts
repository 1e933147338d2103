import { createRepository, type MutationPreview } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { Post } from "./post.ts";

const posts = createRepository(Post, { adapter: createMemoryStore() });
const { entity } = await posts.create({ body: { title: "Hello" } });
const { entityId } = entity;

// #region approval
const preview = await posts.preview({ entityId }, (post) => post.retitle("Hello, world"));
console.log(preview.changes); // => [ { op: 'replace', path: '/title', value: 'Hello, world', previous: 'Hello' } ]
const kept = JSON.stringify(preview); // in a table of your own, until somebody decides

const approved: MutationPreview = JSON.parse(kept);
await posts.commit(approved, { actor: "bob", reason: "Approved, ticket 12" });
// #endregion

console.log((await posts.findOneOrThrow({ entityId })).state.title); // => Hello, world
await posts.mutate({ entityId }, (post) => post.approve());
const late: MutationPreview = { ...preview, events: preview.events.map((event) => ({ ...event, eventId: "other" })) };
const error = await posts.commit(late).catch((error) => error);
console.log(error.code); // => concurrency_conflict
