import { createRepository, defineEntity } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { z } from "zod";

const store = createMemoryStore();

function commentOf(text: z.ZodString) {
  return defineEntity("comment", {
    state: z.object({ text: z.string() }),
    events: { written: z.object({ text }) },
    initial: "written",
    reduce: { written: (_, { body }) => body },
  });
}
const commentsOfLastYear = createRepository(commentOf(z.string()), { adapter: store });
await commentsOfLastYear.create({ entityId: "c1", body: { text: "Far too long" } });
const Comment = commentOf(z.string().max(5));

// #region rule
const comments = createRepository(Comment, { adapter: store, loadValidation: "write" });
const error = await comments.create({ body: { text: "Far too long" } }).catch((error) => error);
console.log(error.code); // => invalid_event
const old = await comments.findOneOrThrow({ entityId: "c1" });
console.log(old.state); // => { text: 'Far too long' }
// #endregion

const strict = await createRepository(Comment, { adapter: store })
  .findOne({ entityId: "c1" })
  .catch((error) => error);
console.log(strict.code); // => invalid_event
