import { createRepository, defineReducer, Entity, mutation, type Reducer } from "ventyd";
import { describe, expect, test } from "vitest";
import { createInMemoryAdapter, Order, orderReducer, orderSchema, User, userReducer, userSchema } from "./user-code.ts";

const body = { nickname: "alice", email: "alice@example.com" };
const created = {
  eventId: "e1",
  eventCreatedAt: "2024-01-01T00:00:00.000Z",
  eventName: "user:created" as const,
  entityId: "u1",
  entityName: "user" as const,
  body,
  version: 1,
};
const { version: _, ...unversioned } = created;
const updated = (version?: number) => ({
  ...unversioned,
  eventId: `e${version}`,
  eventName: "user:profile_updated" as const,
  body: { bio: `bio ${version}` },
  ...(version !== undefined && { version }),
});
const state = { nickname: "bob", email: "bob@example.com", deletedAt: null };

describe("section 4: defineReducer", () => {
  test("returns the very function, which is given null before the first event", () => {
    const seen: unknown[] = [];
    const fn: Reducer<typeof userSchema> = (prevState, event) => {
      seen.push(prevState);
      return userReducer(prevState, event);
    };
    expect(defineReducer(userSchema, fn)).toBe(fn);
    User.create({ body });
    Entity(userSchema, fn, { checks: "off" }).create({ body });
    expect(seen).toEqual([null]);
  });

  test("[T] a reducer may write into nested objects of the state before it: nothing is frozen", async () => {
    class ImpureOrder extends Entity(orderSchema, orderReducer, { checks: "off" }) {
      add = mutation(this, (dispatch, sku: string, quantity: number) =>
        dispatch("order:item_added", { sku, quantity, price: 10 }),
      );
    }
    const orders = createRepository(ImpureOrder, { adapter: createInMemoryAdapter() });
    const order = ImpureOrder.create({
      body: { customer: "alice", items: [{ sku: "book", quantity: 1, price: 10 }] },
    });
    order.add("book", 2);
    expect(order.state.items).toEqual([{ sku: "book", quantity: 3, price: 10 }]);
    await orders.commit(order);
    order.add("book", 1);
    await orders.commit(order);
    const loaded = await orders.findOne({ entityId: order.entityId });
    expect(loaded?.state.items).toEqual([{ sku: "book", quantity: 4, price: 10 }]);
    expect(Object.isFrozen(loaded?.state.items[0])).toBe(false);
  });
});

describe("section 5: Entity", () => {
  test("is a base class, or an entity as it is; its schema is the schema object", () => {
    expect(User.schema).toBe(userSchema);
    const Plain = Entity(userSchema, userReducer);
    expect(Plain.name).toBe("BaseEntity");
    expect(Plain.create({ body }).state.nickname).toBe("alice");
    const user = User.create({ body });
    expect(user).toBeInstanceOf(User);
    expect(user.nickname).toBe("alice");
    expect(user).toMatchObject({ entityName: "user", version: 1 });
    expect(new User({ type: "create", body })).toBeInstanceOf(User);
  });

  test("create makes ids by crypto.randomUUID, times by the clock, unless they are given", () => {
    const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    const user = User.create({ body });
    expect(user.entityId).toMatch(uuid);
    expect(user.uncommittedEvents[0]?.eventId).toMatch(uuid);
    const given = User.create({
      body,
      entityId: "u1",
      eventId: "e1",
      eventCreatedAt: "2024-01-01T00:00:00.000Z",
    });
    expect(given.uncommittedEvents).toEqual([created]);
  });

  test("class fields of subclasses are initialised after the first event was reduced", () => {
    class Remembering extends Entity(userSchema, userReducer) {
      nicknameAtBirth = this.state.nickname;
    }
    expect(Remembering.create({ body }).nicknameAtBirth).toBe("alice");
  });

  test("[T] load: version is 0 unless given, and dispatch goes on from there", () => {
    expect(User.load({ entityId: "u1", state }).version).toBe(0);
    expect(User.load({ entityId: "u1", state, version: 7 }).version).toBe(7);
    const fromNothing = User.load({ entityId: "u1", state, UNSAFE_mutable: true });
    fromNothing.updateProfile({ bio: "x" });
    expect(fromNothing).toMatchObject({ version: 1, uncommittedEvents: [{ version: 1 }] });
    const fromSeven = User.load({ entityId: "u1", state, version: 7, UNSAFE_mutable: true });
    fromSeven.updateProfile({ bio: "x" });
    expect(fromSeven).toMatchObject({ version: 8, uncommittedEvents: [{ version: 8 }] });
  });

  test("load validates nothing, keeps the state's reference, and has an empty queue", () => {
    const odd = { nickname: 5 } as never;
    const user = User.load({ entityId: "u1", state: odd });
    expect(user.state).toBe(odd);
    expect(user.uncommittedEvents).toEqual([]);
  });

  test("fromEvents reduces in the given order, on top of a snapshot, and is mutable with an empty queue", () => {
    const user = User.fromEvents({
      entityId: "u1",
      events: [updated(6)],
      snapshot: { state: { ...state, bio: "old" }, version: 5 },
    });
    expect(user).toMatchObject({ version: 6, state: { nickname: "bob", bio: "bio 6" }, uncommittedEvents: [] });
    user.updateProfile({ bio: "new" });
    expect(user.version).toBe(7);
  });

  test("[T] fromEvents lets the errors of parseEvent through", () => {
    const invalid = { ...created, body: { nickname: "alice", email: "none" } };
    expect(() => User.fromEvents({ entityId: "u1", events: [invalid] })).toThrow(
      'Validation failed: "user:created"\n  - body.email: ',
    );
    const undeclared = { ...created, eventName: "user:gone" };
    expect(() => User.fromEvents({ entityId: "u1", events: [undeclared] })).toThrow('"user:gone" is not declared');
  });

  test("[T] fromEvents: events of old that have no version leave it at 0", () => {
    const user = User.fromEvents({ entityId: "u1", events: [unversioned, updated()] });
    expect(user).toMatchObject({ version: 0, state: { bio: "bio undefined" } });
  });

  test("[T] fromEvents of no events, and no snapshot, has no state to give", () => {
    const user = User.fromEvents({ entityId: "u1", events: [] });
    expect(() => user.state).toThrow("Entity is not initialized");
    expect(user.version).toBe(0);
  });

  test("[T] fromEvents: the entityId that is given wins over that of the events", () => {
    expect(User.fromEvents({ entityId: "another", events: [created] }).entityId).toBe("another");
  });

  test("[T] a dispatch that is refused leaves version, queue and state alone", () => {
    const user = User.create({ body });
    const { state: before } = user;
    expect(() => user.updateProfile({ bio: 5 as never })).toThrow("Validation failed");
    expect(user.state).toBe(before);
    expect(user.version).toBe(1);
    expect(user.uncommittedEvents).toHaveLength(1);
  });

  test("[T] maxQueuedEvents of 5 allows the initial event and four more", () => {
    class Small extends Entity(userSchema, userReducer, { maxQueuedEvents: 5 }) {
      setBio = mutation(this, (dispatch, bio: string) => dispatch("user:profile_updated", { bio }));
    }
    const user = Small.create({ body });
    for (const bio of ["1", "2", "3", "4"]) user.setBio(bio);
    expect(() => user.setBio("5")).toThrow(
      "Event queue overflow: maximum 5 uncommitted events exceeded. Please commit the entity before dispatching more events.",
    );
    expect(user).toMatchObject({ version: 5, state: { bio: "4" } });
  });

  test("[T] 9,999 dispatches after create work, and no more", () => {
    class Busy extends Entity(userSchema, userReducer, { checks: "off" }) {
      setBio = mutation(this, (dispatch, bio: string) => dispatch("user:profile_updated", { bio }));
    }
    const user = Busy.create({ body });
    for (let dispatched = 1; dispatched <= 9_999; dispatched++) user.setBio(`${dispatched}`);
    expect(user).toMatchObject({ version: 10_000, state: { bio: "9999" } });
    expect(() => user.setBio("10000")).toThrow("maximum 10000 uncommitted events");
  });

  test("the state is a new reference after each event, as the reducer returns it", () => {
    const user = User.create({ body });
    const { state: before } = user;
    user.updateProfile({ bio: "x" });
    expect(user.state).not.toBe(before);
    expect(user.state).toBe(user.state);
  });
});

describe("section 6: mutation", () => {
  test("[T] marks what it makes by an own property `mutation`", () => {
    const user = User.create({ body });
    expect(Object.getOwnPropertyDescriptor(user.updateProfile, "mutation")?.value).toBe(true);
  });

  test("hands on arguments and results, waits for asynchronous work, and works without its instance", async () => {
    const user = User.create({ body });
    const { rename } = user;
    expect(await rename(async () => "bob")).toBe("bob");
    expect(user.uncommittedEvents[1]).toMatchObject({
      eventId: "rename-1",
      eventCreatedAt: "2024-05-01T00:00:00.000Z",
    });
    expect(user.delete("done")).toEqual({ deleted: true });
    expect(() => user.delete()).toThrow("User is already deleted");
  });

  test("[T] on a readonly entity throws", () => {
    const user = User.load({ entityId: "u1", state }) as unknown as User;
    expect(() => user.updateProfile({ bio: "x" })).toThrow("Entity is readonly");
    expect(user.state).toBe(state);
    const mutable = User.load({ entityId: "u1", state, UNSAFE_mutable: true });
    expect(() => mutable.updateProfile({ bio: "x" })).not.toThrow();
  });

  test("of several events applies them all", () => {
    const order = Order.create({ body: { customer: "alice", items: [] } });
    order.addItem("book", 1, 10);
    order.addItem("pen", 2, 5);
    order.confirm();
    expect(order).toMatchObject({ version: 4, total: 20, state: { status: "confirmed" } });
    expect(() => order.addItem("late", 1, 1)).toThrow("Order is not a draft");
  });
});
