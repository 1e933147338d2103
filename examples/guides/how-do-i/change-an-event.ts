import { createRepository, defineEntity, type StoredEvent } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { z } from "zod";

const Title = z.string();
const state = z.object({ title: z.string(), language: z.string(), status: z.enum(["draft", "approved"]) });

// What the build of last year has stored.
const store = createMemoryStore();
const PostOfLastYear = defineEntity("post", {
  state,
  events: { drafted: z.object({ title: Title }), seen: z.object({}), retitled_and_approved: z.object({ title: Title }) },
  initial: "drafted",
  reduce: {
    drafted: (_, { body }) => ({ title: body.title, language: "en", status: "draft" }),
    seen: (post) => post,
    retitled_and_approved: (post, { body }) => ({ ...post, title: body.title, status: "approved" }),
  },
  mutations: {
    see: ({ dispatch }) => dispatch("seen", {}),
    retitleAndApprove: ({ dispatch }, title: string) => dispatch("retitled_and_approved", { title }),
  },
});
const postsOfLastYear = createRepository(PostOfLastYear, { adapter: store });
await postsOfLastYear.create({ entityId: "short", body: { title: "Hello" } });
await postsOfLastYear.create({ entityId: "long", body: { title: "A title that takes its time" } });
await postsOfLastYear.mutate({ entityId: "short" }, (post) => {
  post.see();
  post.retitleAndApprove("Hi");
});

// #region field
const drafted = z.object({ title: z.string(), language: z.string().default("en") });
// #endregion

// #region rule
const retitled = z.object({ title: z.string().max(20) });
// #endregion

const Post = defineEntity("post", {
  state,
  events: { drafted: drafted.extend(retitled.shape), retitled, approved: z.object({}) },
  initial: "drafted",
  reduce: {
    drafted: (_, { body }) => ({ ...body, status: "draft" }),
    retitled: (post, { body }) => ({ ...post, title: body.title }),
    approved: (post) => ({ ...post, status: "approved" }),
  },
  mutations: { approve: ({ dispatch }) => dispatch("approved", {}) },
});

// #region migrate
const posts = createRepository(Post, {
  adapter: store,
  loadValidation: "write",
  migrate: (event) => {
    switch (event.eventName) {
      case "post:seen": // nobody needs it any more
        return null;
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

const short = await posts.findOneOrThrow({ entityId: "short" });
console.log(short.state); // => { title: 'Hi', language: 'en', status: 'approved' }
const stored: StoredEvent[] = [];
for await (const event of store.read({ eventNames: ["post:retitled_and_approved"] })) stored.push(event);
console.log(stored.length); // => 1
