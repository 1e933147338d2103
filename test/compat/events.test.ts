import { createRepository, Entity } from "ventyd";
import { describe, expect, test, vi } from "vitest";
import { userEvent, userSchemas } from "./providers.ts";
import { createInMemoryAdapter, User } from "./user-code.ts";

const body = { nickname: "alice", email: "alice@example.com" };

describe("section 2: the event", () => {
  test("[T] version is 1 for the first event of an entity, and one more for each that is dispatched", async () => {
    const users = createRepository(User, { adapter: createInMemoryAdapter() });
    const user = User.create({ body });
    user.updateProfile({ bio: "a" });
    await users.commit(user);
    user.updateProfile({ bio: "b" });
    const { uncommittedEvents } = User.create({ body });
    expect(uncommittedEvents.map(({ version }) => version)).toEqual([1]);
    expect(user.uncommittedEvents.map(({ version }) => version)).toEqual([3]);
    await users.commit(user);
    const loaded = await users.findOne({ entityId: user.entityId });
    loaded?.updateProfile({ bio: "c" });
    expect(loaded?.uncommittedEvents.map(({ version }) => version)).toEqual([4]);
  });

  for (const [provider, schema] of Object.entries(userSchemas)) {
    test(`[T] an event of old may lack the version, which must not be null (${provider})`, () => {
      const { version: _, ...withoutVersion } = userEvent();
      expect(schema.parseEvent(withoutVersion)).toEqual(withoutVersion);
      expect(schema.parseEvent({ ...withoutVersion, version: undefined })).toEqual(withoutVersion);
      expect(() => schema.parseEvent({ ...withoutVersion, version: null })).toThrow("Validation failed");
    });

    test(`[T] a body key that is given as undefined is as good as absent (${provider})`, () => {
      const UserOfProvider = Entity(schema as typeof userSchemas.zod, (_, { body }) => body as { nickname: string });
      const given = { nickname: "alice", bio: undefined } as { nickname: string };
      const user = UserOfProvider.create({ body: given });
      expect(user.uncommittedEvents[0]?.body).toEqual(given);
      expect(user.state).toEqual(given);
    });

    test(`[U] the queue holds what the schema makes of the body (${provider})`, () => {
      const UserOfProvider = Entity(schema as typeof userSchemas.zod, (_, { body }) => body as { nickname: string });
      const given = { nickname: "alice", unknown: "key" } as { nickname: string };
      const queued = UserOfProvider.create({ body: given }).uncommittedEvents[0]?.body;
      const strips = ["standard", "valibot", "zod", "zod 3"].includes(provider);
      expect(queued).toEqual(strips ? { nickname: "alice" } : given);
    });
  }

  test("[U] is a plain object, its keys in one order from the queue to the adapter", async () => {
    const keys = ["eventId", "eventCreatedAt", "eventName", "entityId", "entityName", "body", "version"];
    const adapter = createInMemoryAdapter();
    const commitEvents = vi.spyOn(adapter, "commitEvents");
    const user = User.create({ body });
    const [queued] = user.uncommittedEvents;
    await createRepository(User, { adapter }).commit(user);
    const [stored] = commitEvents.mock.calls[0]?.[0].events ?? [];
    for (const event of [queued, stored]) {
      expect(Object.keys(event as object)).toEqual(keys);
      expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    }
  });

  test("[U] an envelope that is stored with unknown keys loads all the same", () => {
    for (const schema of Object.values(userSchemas)) {
      expect(schema.parseEvent(userEvent({ tenant: "t1" }))).toMatchObject({ body: { nickname: "alice" }, version: 1 });
    }
  });
});
