import { createRepository } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { Post } from "./post.ts";

const oldStore = createMemoryStore();
const newStore = createMemoryStore();
const { entity } = await createRepository(Post, { adapter: oldStore }).create({ body: { title: "Hello" } });

// #region import
console.log(await newStore.import(oldStore.read())); // => { imported: 1, skipped: 0 }
console.log(await newStore.import(oldStore.read())); // => { imported: 0, skipped: 1 }
// #endregion

const copy = await createRepository(Post, { adapter: newStore }).findOneOrThrow({ entityId: entity.entityId });
console.log(copy.state.title); // => Hello
