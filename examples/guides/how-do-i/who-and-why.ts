import { createRepository, withAttribution } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { z } from "zod";
import { Post } from "./post.ts";

const DeleteRequest = z.object({ entityId: z.string(), reason: z.string().optional() });
const sessions = new Map([["c0ffee", "bob"]]);

// #region policy
const posts = createRepository(Post, {
  adapter: createMemoryStore(),
  attribution: ["post:announced", "post:deleted"], // these need a reason, and every event an actor
});
// #endregion

// #region handler
export async function handle(request: Request): Promise<Response> {
  const actor = sessions.get(request.headers.get("authorization") ?? "");
  const correlationId = request.headers.get("x-request-id") ?? undefined;
  return withAttribution({ actor, correlationId }, () => route(request));
}

async function route(request: Request): Promise<Response> {
  const { entityId, reason } = DeleteRequest.parse(await request.json());
  const { version } = await posts.mutate({ entityId }, (post) => post.delete(), { reason });
  return Response.json({ version });
}
// #endregion

const { entity } = await posts.create({ body: { title: "Hello" } }, { actor: "ann" });
const { entityId } = entity;
function send(body: object, authorization: string) {
  const headers = { authorization, "x-request-id": "r1" };
  return handle(new Request("http://localhost/delete", { method: "POST", headers, body: JSON.stringify(body) }));
}

await send({ entityId }, "").catch((error) => console.log(error.missing)); // => [ 'actor', 'reason' ]
await send({ entityId, reason: "Spam" }, "c0ffee");
const [latest] = await posts.history({ entityId, order: "desc", limit: 1 });
console.log(latest?.event.metadata); // => { actor: 'bob', reason: 'Spam', correlationId: 'r1' }
