import { type Adapter, createRepository, defineEntity, type StoreRepository } from "ventyd";
import type { SqliteStore } from "ventyd/sqlite";
import { z } from "ventyd/zod";
import { describe, expectTypeOf, test } from "vitest";

const Post = defineEntity("post", {
  state: z.object({ title: z.string() }),
  events: { drafted: z.object({ title: z.string() }) },
  initial: "drafted",
  reduce: { drafted: (_, { body }) => body },
});
const Order = defineEntity("order", {
  state: z.object({ total: z.number() }),
  events: { placed: z.object({ total: z.number() }) },
  initial: "placed",
  reduce: { placed: (_, { body }) => body },
});

describe("L2: one adapter serves repositories of every entity", () => {
  test("as it is, and with methods of its own besides", () => {
    const adapter: Adapter = { getEventsByEntityId: async () => [], commitEvents: async () => {} };
    createRepository(Post, { adapter });
    createRepository(Order, { adapter });

    const more = {
      async getEventsByEntityId(_args: { entityName: string; entityId: string }) {
        return [];
      },
      async commitEvents(_args: { entityName: string; entityId: string; events: object[] }) {},
      async countEvents() {
        return 0;
      },
    };
    createRepository(Post, { adapter: more });
    createRepository(Order, { adapter: more });
  });

  test("and so does one store, which knows what each of them can do", () => {
    const store = {} as SqliteStore;
    expectTypeOf(createRepository(Post, { adapter: store })).toExtend<StoreRepository<InstanceType<typeof Post>>>();
    expectTypeOf(createRepository(Order, { adapter: store })).not.toExtend<
      StoreRepository<InstanceType<typeof Post>>
    >();
  });

  test("but not what lacks a method", () => {
    // @ts-expect-error nothing can be stored
    createRepository(Post, { adapter: { getEventsByEntityId: async () => [] } });
  });
});
