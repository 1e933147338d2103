import { createRepository, defineEntity } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { z } from "zod";

const state = z.object({ title: z.string(), language: z.string(), status: z.enum(["draft", "approved"]) });
const store = createMemoryStore();

// What the build of last year has stored.
const PostOfLastYear = defineEntity("post", {
  state,
  events: {
    drafted: z.object({ title: z.string() }),
    seen: z.object({}),
    renamed: z.object({ title: z.string() }),
    retitled_and_approved: z.object({ title: z.string() }),
  },
  initial: "drafted",
  reduce: {
    drafted: (_, { body }) => ({ title: body.title, language: "en", status: "draft" }),
    seen: (post) => post,
    renamed: (post, { body }) => ({ ...post, title: body.title }),
    retitled_and_approved: (post, { body }) => ({ ...post, title: body.title, status: "approved" }),
  },
  mutations: {
    see: ({ dispatch }) => dispatch("seen", {}),
    rename: ({ dispatch }, title: string) => dispatch("renamed", { title }),
    retitleAndApprove: ({ dispatch }, title: string) => dispatch("retitled_and_approved", { title }),
  },
});
const postsOfLastYear = createRepository(PostOfLastYear, { adapter: store });
const { entity } = await postsOfLastYear.create({ body: { title: "Hello" } });
const { entityId } = entity;
await postsOfLastYear.mutate({ entityId }, (post) => {
  post.see();
  post.rename("Hello?");
  post.retitleAndApprove("Hi");
});

const Post = defineEntity("post", {
  state,
  events: {
    // #region field
    drafted: z.object({ title: z.string(), language: z.string().default("en") }),
    // #endregion
    retitled: z.object({ title: z.string() }),
    approved: z.object({}),
  },
  initial: "drafted",
  reduce: {
    drafted: (_, { body }) => ({ ...body, status: "draft" }),
    retitled: (post, { body }) => ({ ...post, title: body.title }),
    approved: (post) => ({ ...post, status: "approved" }),
  },
});

// #region migrate
const posts = createRepository(Post, {
  adapter: store,
  migrate: (event) => {
    switch (event.eventName) {
      case "post:seen": // nobody needs it any more
        return null;
      case "post:renamed": // has another name today
        return { ...event, eventName: "post:retitled" };
      case "post:retitled_and_approved": // two facts that stood in one
        return [
          { ...event, eventName: "post:retitled" },
          { ...event, eventName: "post:approved", body: {} },
        ];
      default:
        return event;
    }
  },
});
// #endregion

console.log((await posts.findOneOrThrow({ entityId, version: 3 })).state.title); // => Hello?
const post = await posts.findOneOrThrow({ entityId });
console.log(post.state); // => { title: 'Hi', language: 'en', status: 'approved' }
for (const { eventName } of await store.loadHistory({ entityName: "post", entityId })) console.log(eventName);
// => post:drafted
// => post:seen
// => post:renamed
// => post:retitled_and_approved
