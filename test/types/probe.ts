import { Editor } from "./language-service.ts";

const t = performance.now();
const editor = new Editor();
const prelude = `
import { createRepository, defineReducer, defineSchema, Entity, mutation } from "ventyd";
import { createSqliteStore } from "ventyd/sqlite";
import { z, zod } from "ventyd/zod";
import Database from "better-sqlite3";
const postSchema = defineSchema("post", {
  schema: zod({
    event: { created: z.object({ title: z.string() }), approved: z.object({ comment: z.string() }) },
    state: z.object({ title: z.string(), status: z.enum(["draft", "approved"]) }),
  }),
  initialEventName: "post:created",
});
const reducer = defineReducer(postSchema, {
  "post:created": (_, { /*body*/body }) => ({ title: body.title, status: "draft" }),
  "post:approved": (/*handlerState*/state, /*event*/event) => ({ ...state, status: event./*eventbody*/body.comment ? "approved" : "draft" }),
});
class Post extends Entity(postSchema, reducer) {
  approve = mutation(this, (/*dispatch*/dispatch, comment: string) => {
    /*dispatchcall*/dispatch("post:approved", { comment });
  });
}
const post = Post./*create*/create({ body: { title: "x" } });
post./*state*/state;
post./*approve*/approve("LGTM");
const posts = createRepository(Post, { adapter: createSqliteStore(new Database(":memory:")) });
const /*posts*/x = posts;
const /*found*/found = await posts./*findOne*/findOne({ entityId: "p1" });
const /*then*/then = await posts.findOne({ entityId: "p1", version: 3 });
const /*orThrow*/orThrow = await posts.findOneOrThrow({ entityId: "p1" });
then?./*readonlyState*/state;
const { /*result*/result, /*entity*/entity, events: /*events*/events } = await posts./*mutate*/mutate({ entityId: "p1" }, (post) => post.approve("x"));
const /*committed*/committed = await posts.commit(post);
const /*history*/history = await posts.history({ entityId: "p1" });
const /*schema*/schema = postSchema;
const /*red*/red = reducer;
const /*many*/many = await posts.findMany({ entityIds: [] });
const /*uncommitted*/uncommitted = post.uncommittedEvents;
`;
const file = editor.open("fixture.ts", prelude);
console.log(editor.errors(file));
for (const mark of prelude.matchAll(/\/\*(\w+)\*\//g)) console.log(mark[1], "=>", editor.hover(file, mark[1]!));
console.log(performance.now() - t);
