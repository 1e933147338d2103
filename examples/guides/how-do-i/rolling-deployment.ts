import { createRepository, defineEntity } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { z } from "zod";

const store = createMemoryStore();
const parts = {
  state: z.object({ title: z.string(), isPinned: z.boolean() }),
  events: { drafted: z.object({ title: z.string() }), retitled: z.object({ title: z.string() }) },
  initial: "drafted",
} as const;
type State = z.infer<typeof parts.state>;
const reduce = {
  drafted: (_: null, { body }: { body: { title: string } }) => ({ ...body, isPinned: false }),
  retitled: (post: State, { body }: { body: { title: string } }) => ({ ...post, ...body }),
};
const OldPost = defineEntity("post", {
  ...parts,
  reduce,
  mutations: { retitle: ({ dispatch }, title: string) => dispatch("retitled", { title }) },
});
const NewPost = defineEntity("post", {
  ...parts,
  events: { ...parts.events, pinned: z.object({}) },
  reduce: { ...reduce, pinned: (post) => ({ ...post, isPinned: true }) },
  mutations: { pin: ({ dispatch }) => dispatch("pinned", {}) },
});
const newPosts = createRepository(NewPost, { adapter: store });
const { entity } = await newPosts.create({ body: { title: "Hello" } });
const { entityId } = entity;
await newPosts.mutate({ entityId }, (post) => post.pin());

// #region skip
const posts = createRepository(OldPost, { adapter: store, onUnknownEvent: "skip" });
const post = await posts.findOneOrThrow({ entityId }); // a newer build has pinned it
console.log(post.state.title); // => Hello
const error = await posts.mutate({ entityId }, (post) => post.retitle("Hi")).catch((error) => error);
console.log(error.code); // => stale_build
// #endregion
