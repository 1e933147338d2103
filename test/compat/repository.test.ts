import { type Adapter, type BaseEventType, createRepository, Entity } from "ventyd";
import { describe, expect, test, vi } from "vitest";
import { rejection } from "../support/promises.ts";
import {
  createInMemoryAdapter,
  Order,
  orderReducer,
  orderSchema,
  User,
  UserService,
  type UserState,
  userSchema,
} from "./user-code.ts";

const body = { nickname: "alice", email: "alice@example.com" };
const state: UserState = { ...body, deletedAt: null };

const event = (overrides: Partial<BaseEventType> = {}): BaseEventType => ({
  eventId: "e",
  eventCreatedAt: "2024-01-01T00:00:00.000Z",
  eventName: "user:profile_updated",
  entityId: "u1",
  entityName: "user",
  body: {},
  ...overrides,
});
const created = (overrides: Partial<BaseEventType> = {}) =>
  event({ eventId: "created", eventName: "user:created", body, ...overrides });

/** An adapter that gives out these events, whatever it is asked for, and can be spied on. */
function adapterOf(...events: BaseEventType[]) {
  return {
    getEventsByEntityId: vi.fn(async () => events as never[]),
    commitEvents: vi.fn<Adapter["commitEvents"]>(async () => {}),
  };
}

describe("section 7: findOne", () => {
  test("what was committed comes back, and can be changed and committed again", async () => {
    const service = new UserService(createInMemoryAdapter());
    const entityId = await service.register("alice", "alice@example.com");
    expect(await service.setBio(entityId, "hello")).toEqual({ ...state, bio: "hello" });
    expect(await service.setBio(entityId, "again")).toEqual({ ...state, bio: "again" });
  });

  test("[T] looks the adapter's methods up at each call, and calls them as methods", async () => {
    const adapter = createInMemoryAdapter();
    const users = createRepository(User, { adapter });
    const getEvents = vi.spyOn(adapter, "getEventsByEntityId").mockResolvedValue([created({ version: 1 })] as never);
    const commitEvents = vi.spyOn(adapter, "commitEvents").mockRejectedValue(new Error("replaced"));
    const user = await users.findOne({ entityId: "u1" });
    expect(user?.nickname).toBe("alice");
    user?.updateProfile({ bio: "x" });
    expect((await rejection(users.commit(user as User))).message).toBe("replaced");
    expect(getEvents.mock.contexts).toEqual([adapter]);
    expect(commitEvents.mock.contexts).toEqual([adapter]);
  });

  test("[T] asks for a snapshot by name and id, whether or not the option is set", async () => {
    for (const snapshot of [undefined, { frequency: 5 }]) {
      const getSnapshot = vi.fn(async () => null);
      const adapter = { ...adapterOf(created({ version: 1 })), getSnapshot };
      const users = createRepository(User, { adapter, ...(snapshot && { snapshot }) });
      expect((await users.findOne({ entityId: "u1" }))?.version).toBe(1);
      expect(getSnapshot.mock.calls).toEqual([[{ entityName: "user", entityId: "u1" }]]);
    }
  });

  test("[T] asks for events by name and id, and after a snapshot also by its version", async () => {
    const adapter = adapterOf(created({ version: 1 }));
    await createRepository(User, { adapter }).findOne({ entityId: "u1" });
    expect(adapter.getEventsByEntityId).toHaveBeenCalledExactlyOnceWith({ entityName: "user", entityId: "u1" });

    const withSnapshot = {
      ...adapterOf(event({ version: 6, body: { bio: "6" } })),
      getSnapshot: async () => ({ state, version: 5 }),
    };
    const user = await createRepository(User, { adapter: withSnapshot }).findOne({ entityId: "u1" });
    expect(withSnapshot.getEventsByEntityId).toHaveBeenCalledExactlyOnceWith({
      entityName: "user",
      entityId: "u1",
      afterVersion: 5,
    });
    expect(user).toMatchObject({ version: 6, state: { ...state, bio: "6" } });
  });

  test("migrates every raw event before it is validated", async () => {
    const old = event({ eventName: "user:registered", body: { name: "alice" }, version: 1 });
    const users = createRepository(User, {
      adapter: adapterOf(old),
      migrate: (raw) =>
        raw.eventName === "user:registered"
          ? {
              ...raw,
              eventName: "user:created",
              body: { nickname: (raw.body as { name: string }).name, email: "a@b.cd" },
            }
          : raw,
    });
    expect((await users.findOne({ entityId: "u1" }))?.nickname).toBe("alice");
  });

  test("[T] rejects an event whose name is not declared", async () => {
    const users = createRepository(User, { adapter: adapterOf(event({ eventName: "user:gone", version: 1 })) });
    expect((await rejection(users.findOne({ entityId: "u1" }))).message).toMatch(
      /^Validation failed: event "user:gone" is not declared. Available events: user:created, user:profile_updated, user:deleted/,
    );
  });

  test("[T] applies events by version, whatever their order and times", async () => {
    const adapter = adapterOf(
      event({ version: 3, body: { bio: "last" }, eventCreatedAt: "2024-01-01T00:00:00.000Z" }),
      created({ version: 1, eventCreatedAt: "2024-01-03T00:00:00.000Z" }),
      event({ version: 2, body: { bio: "second" }, eventCreatedAt: "2024-01-02T00:00:00.000Z" }),
    );
    const user = await createRepository(User, { adapter }).findOne({ entityId: "u1" });
    expect(user).toMatchObject({ version: 3, state: { bio: "last" } });
  });

  test("[T] applies events without versions by time, those of one time as the adapter gave them", async () => {
    const adapter = adapterOf(
      event({ body: { nickname: "first of a time" }, eventCreatedAt: "2024-01-02T00:00:00.000Z" }),
      event({ body: { nickname: "second of a time" }, eventCreatedAt: "2024-01-02T00:00:00.000Z" }),
      created({ eventCreatedAt: "2024-01-01T00:00:00.000Z" }),
    );
    const user = await createRepository(User, { adapter }).findOne({ entityId: "u1" });
    expect(user).toMatchObject({ version: 0, nickname: "second of a time" });
  });

  test("[T] finds null where there is neither snapshot nor event", async () => {
    expect(await createRepository(User, { adapter: adapterOf() }).findOne({ entityId: "u1" })).toBeNull();
    const adapter = { ...adapterOf(), getSnapshot: async () => null };
    expect(await createRepository(User, { adapter }).findOne({ entityId: "u1" })).toBeNull();
  });

  test("[T] makes an entity of a snapshot alone", async () => {
    const adapter = { ...adapterOf(), getSnapshot: async () => ({ state, version: 5 }) };
    const user = await createRepository(User, { adapter }).findOne({ entityId: "u1" });
    expect(user).toBeInstanceOf(User);
    expect(user).toMatchObject({ entityId: "u1", version: 5, state });
  });

  test("[T] gives an entity that may be changed and committed", async () => {
    const adapter = { ...adapterOf(), getSnapshot: async () => ({ state, version: 5 }) };
    const users = createRepository(User, { adapter });
    const user = (await users.findOne({ entityId: "u1" })) as User;
    user.updateProfile({ bio: "new" });
    await users.commit(user);
    expect(adapter.commitEvents.mock.calls[0]?.[0]).toMatchObject({ expectedVersion: 5, events: [{ version: 6 }] });
  });
});

describe("section 7: commit", () => {
  test("[T] hands over a new entity of two events with the expected version 0", async () => {
    const adapter = adapterOf();
    const user = User.create({ body, entityId: "u1" });
    user.updateProfile({ bio: "x" });
    const events = user.uncommittedEvents;
    await createRepository(User, { adapter }).commit(user);
    expect(adapter.commitEvents).toHaveBeenCalledExactlyOnceWith({
      entityName: "user",
      entityId: "u1",
      events,
      state: { ...state, bio: "x" },
      expectedVersion: 0,
    });
    expect(user).toMatchObject({ version: 2, uncommittedEvents: [] });
  });

  test("the adapter's errors come through", async () => {
    const failure = new Error("disk full");
    const adapter = { ...adapterOf(), commitEvents: () => Promise.reject(failure) };
    expect(await rejection(createRepository(User, { adapter }).commit(User.create({ body })))).toBe(failure);
  });

  test("[T] saves a snapshot at version 3 of a frequency of 3, and none at 2 of 5", async () => {
    for (const [frequency, events, saved] of [
      [3, 3, 1],
      [5, 2, 0],
    ] as const) {
      const saveSnapshot = vi.fn(async () => {});
      const adapter = { ...adapterOf(), getSnapshot: async () => null, saveSnapshot };
      const user = User.create({ body, entityId: "u1" });
      for (let version = 2; version <= events; version++) user.updateProfile({ bio: `${version}` });
      await createRepository(User, { adapter, snapshot: { frequency } }).commit(user);
      expect(saveSnapshot).toHaveBeenCalledTimes(saved);
      if (saved === 0) continue;
      expect(saveSnapshot).toHaveBeenCalledWith({
        entityName: "user",
        entityId: "u1",
        state: { ...state, bio: "3" },
        version: 3,
      });
    }
  });

  test("[T] does without a snapshot where the adapter cannot save one", async () => {
    const adapter = adapterOf();
    await createRepository(User, { adapter, snapshot: { frequency: 1 } }).commit(User.create({ body }));
    expect(adapter.commitEvents).toHaveBeenCalledOnce();
  });

  test("[T] tells each plugin of the commit by four keys", async () => {
    const plugins = [{ onCommitted: vi.fn() }, {}, { onCommitted: vi.fn(async () => {}) }];
    const user = User.create({ body, entityId: "u1" });
    const [queued] = user.uncommittedEvents;
    await createRepository(User, { adapter: createInMemoryAdapter(), plugins }).commit(user);
    for (const { onCommitted } of plugins) {
      if (onCommitted === undefined) continue;
      expect(onCommitted).toHaveBeenCalledExactlyOnceWith({
        entityName: "user",
        entityId: "u1",
        events: [expect.objectContaining(queued as object)],
        state,
      });
    }
  });

  test("[T] tells onPluginError of each failure by two arguments, the error and the plugin", async () => {
    const [first, second] = [new Error("sync"), new Error("async")];
    const plugins = [
      {
        onCommitted: () => {
          throw first;
        },
      },
      { onCommitted: vi.fn() },
      { onCommitted: () => Promise.reject(second) },
    ];
    const onPluginError = vi.fn();
    await createRepository(User, { adapter: createInMemoryAdapter(), plugins, onPluginError }).commit(
      User.create({ body }),
    );
    expect(onPluginError.mock.calls).toEqual([
      [first, plugins[0]],
      [second, plugins[2]],
    ]);
    expect(plugins[1]?.onCommitted).toHaveBeenCalledOnce();
  });

  test("[T] a plugin that fails does not fail the commit, also without onPluginError", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const plugins = [{ onCommitted: () => Promise.reject(new Error("broken")) }];
    const users = createRepository(User, { adapter: createInMemoryAdapter(), plugins });
    const user = User.create({ body });
    await users.commit(user);
    expect(await users.findOne({ entityId: user.entityId })).not.toBeNull();
    warn.mockRestore();
  });

  test("[T] onPluginError is not called when all is well", async () => {
    const onPluginError = vi.fn();
    const plugins = [{ onCommitted: () => {} }];
    await createRepository(User, { adapter: adapterOf(), plugins, onPluginError }).commit(User.create({ body }));
    expect(onPluginError).not.toHaveBeenCalled();
  });

  test("[T] plugins do not run for a commit of nothing", async () => {
    const onCommitted = vi.fn();
    const users = createRepository(User, { adapter: adapterOf(), plugins: [{ onCommitted }] });
    const user = User.create({ body });
    await users.commit(user);
    await users.commit(user);
    expect(onCommitted).toHaveBeenCalledOnce();
  });
});

describe("section 8: adapters", () => {
  test("[T] ids may repeat across entity types", async () => {
    const adapter = createInMemoryAdapter();
    const [users, orders] = [createRepository(User, { adapter }), createRepository(Order, { adapter })];
    await users.commit(User.create({ entityId: "1", body }));
    await orders.commit(Order.create({ entityId: "1", body: { customer: "alice", items: [] } }));
    expect((await users.findOne({ entityId: "1" }))?.state).toEqual(state);
    expect((await orders.findOne({ entityId: "1" }))?.state.customer).toBe("alice");
  });

  test("[T] two commits that produce one version twice are both applied by the next load", async () => {
    const adapter = createInMemoryAdapter();
    const orders = createRepository(Order, { adapter });
    const order = Order.create({ entityId: "1", body: { customer: "alice", items: [] } });
    await orders.commit(order);
    const [first, second] = (await Promise.all([
      orders.findOne({ entityId: "1" }),
      orders.findOne({ entityId: "1" }),
    ])) as [Order, Order];
    first.addItem("book", 1, 10);
    second.addItem("pen", 1, 5);
    await Promise.all([orders.commit(first), orders.commit(second)]);
    const loaded = await orders.findOne({ entityId: "1" });
    expect(loaded?.state.items.map(({ sku }) => sku)).toEqual(["book", "pen"]);
    expect(loaded?.version).toBe(2);
  });

  test("[T] a stream that does not start with the initial event loads", async () => {
    const users = createRepository(User, { adapter: createInMemoryAdapter() });
    const user = User.load({ entityId: "u1", state, UNSAFE_mutable: true });
    user.updateProfile({ bio: "the first that is stored" });
    await users.commit(user);
    const loaded = await users.findOne({ entityId: "u1" });
    expect(loaded).toMatchObject({ version: 1, state: { bio: "the first that is stored" } });
  });

  test("[T] one value of type Adapter serves every entity", async () => {
    const adapter: Adapter = createInMemoryAdapter();
    const Plain = Entity(orderSchema, orderReducer);
    await createRepository(Plain, { adapter }).commit(
      Plain.create({ entityId: "o1", body: { customer: "alice", items: [] } }),
    );
    await createRepository(User, { adapter }).commit(User.create({ entityId: "u1", body }));
    expect(await adapter.getEventsByEntityId({ entityName: "user", entityId: "u1" })).toMatchObject([{ body }]);
    expect(User.schema).toBe(userSchema);
  });
});

describe("section 9: plugins", () => {
  test("get the events that were just committed, and the state that they came to", async () => {
    const heard: unknown[] = [];
    const users = createRepository(User, {
      adapter: createInMemoryAdapter(),
      plugins: [
        {
          async onCommitted({ entityName, entityId, events, state }) {
            heard.push([entityName, entityId, events.map(({ eventName, body }) => [eventName, body]), state]);
          },
        },
      ],
    });
    const user = User.create({ entityId: "u1", body });
    await users.commit(user);
    user.delete("left");
    await users.commit(user);
    expect(heard).toEqual([
      ["user", "u1", [["user:created", body]], state],
      ["user", "u1", [["user:deleted", { reason: "left" }]], user.state],
    ]);
  });
});
