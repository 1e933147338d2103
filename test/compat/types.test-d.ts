import {
  type Adapter,
  type BaseEventType,
  createRepository,
  defineReducer,
  defineSchema,
  Entity,
  type EntityConstructor,
  type EntityConstructorArgs,
  type InferEntityNameFromSchema,
  type InferEventBodyFromSchema,
  type InferEventFromSchema,
  type InferEventNameFromSchema,
  type InferInitialEventBodyFromSchema,
  type InferInitialEventNameFromSchema,
  type InferSchemaFromEntityConstructor,
  type InferStateFromSchema,
  mutation,
  type Plugin,
  type ReadonlyEntity,
  type Reducer,
  type Repository,
  type Schema,
  type SchemaInput,
} from "ventyd";
import { prismaAdapter, type VentydAdapterOptions } from "ventyd/adapter/prisma";
import { v, valibot } from "ventyd/valibot";
import { z, zod } from "ventyd/zod";
import { describe, expectTypeOf, test } from "vitest";
import type * as types from "../../src/types.ts";
import { userSchemas } from "./providers.ts";
import {
  type Order,
  type orderSchema,
  User,
  type UserEvent,
  type UserState,
  userReducer,
  userSchema,
} from "./user-code.ts";

const body = { nickname: "alice", email: "alice@example.com" };
type Names = "user:created" | "user:profile_updated" | "user:deleted";

describe("section 1", () => {
  test("suites find eight types in src/types", () => {
    expectTypeOf<types.BaseEventType>().toEqualTypeOf<BaseEventType>();
    expectTypeOf<types.EntityConstructor<typeof userSchema>>().toEqualTypeOf<EntityConstructor<typeof userSchema>>();
    expectTypeOf<types.EntityConstructorArgs<typeof userSchema>>().toEqualTypeOf<
      EntityConstructorArgs<typeof userSchema>
    >();
    expectTypeOf<types.InferEntityNameFromSchema<typeof userSchema>>().toEqualTypeOf<"user">();
    expectTypeOf<types.InferStateFromSchema<typeof userSchema>>().toEqualTypeOf<UserState>();
    expectTypeOf<types.InferEventFromSchema<typeof userSchema>["eventName"]>().toEqualTypeOf<Names>();
    expectTypeOf<types.ValueOf<{ a: 1; b: "2" }>>().toEqualTypeOf<1 | "2">();
    expectTypeOf<types.ConstructorReturnType<typeof User>>().toEqualTypeOf<User>();
  });
});

describe("section 2", () => {
  test("an event has six keys and perhaps a version", () => {
    expectTypeOf<BaseEventType>().toExtend<{
      eventId: string;
      eventCreatedAt: string;
      eventName: string;
      entityId: string;
      entityName: string;
      body: unknown;
      version?: number | undefined;
    }>();
    const legacy: BaseEventType = {
      eventId: "e",
      eventCreatedAt: "2024-01-01T00:00:00Z",
      eventName: "user:created",
      entityId: "u1",
      entityName: "user",
      body: {},
    };
    expectTypeOf(legacy.version).toEqualTypeOf<number | undefined>();
  });
});

describe("section 3", () => {
  test("a provider of one's own is a SchemaInput, and infers the entity's name where it is written inline", () => {
    type Event = BaseEventType & { eventName: "note:written"; body: { text: string } };
    const provider =
      <TName extends string>(): SchemaInput<TName, Event, { text: string }, { extension: 1 }> =>
      () => ({
        parseEvent: (input) => input as Event,
        parseEventByName: (_, input) => input as never,
        parseState: (input) => input as { text: string },
        extension: 1,
      });
    const schema = defineSchema("note", { schema: provider(), initialEventName: "note:written" });
    expectTypeOf<InferEntityNameFromSchema<typeof schema>>().toEqualTypeOf<"note">();
    expectTypeOf(schema.extension).toEqualTypeOf<1>();
    expectTypeOf(schema).toExtend<Schema<"note", Event, { text: string }, "note:written", { extension: 1 }>>();
  });

  test("[T] namespaceSeparator stands in the literal types", () => {
    const schema = defineSchema("product", {
      schema: valibot({ event: { created: v.object({}) }, state: v.object({}), namespaceSeparator: "/" }),
      initialEventName: "product/created",
    });
    expectTypeOf<InferEventNameFromSchema<typeof schema>>().toEqualTypeOf<"product/created">();
    defineSchema("product", {
      schema: zod({ event: { created: z.object({}) }, state: z.object({}), namespaceSeparator: "/" }),
      // @ts-expect-error the separator is another one
      initialEventName: "product:created",
    });
  });

  test("the initial event is one of the declared ones", () => {
    defineSchema("user", {
      schema: zod({ event: { created: z.object({}) }, state: z.object({}) }),
      // @ts-expect-error there is no such event
      initialEventName: "user:craeted",
    });
  });

  test("[T] every provider infers the same events and states; standard takes three type arguments", () => {
    type Expected = { nickname: string; bio?: string | undefined };
    expectTypeOf<InferEventNameFromSchema<typeof userSchemas.standard>>().toEqualTypeOf<
      "user:created" | "user:renamed"
    >();
    expectTypeOf<InferEventBodyFromSchema<typeof userSchemas.standard, "user:created">>().toExtend<Expected>();
    expectTypeOf<InferEventBodyFromSchema<typeof userSchemas.valibot, "user:created">>().toExtend<Expected>();
    expectTypeOf<InferEventBodyFromSchema<typeof userSchemas.zod, "user:created">>().toExtend<Expected>();
    expectTypeOf<InferEventBodyFromSchema<(typeof userSchemas)["zod 3"], "user:created">>().toExtend<Expected>();
    expectTypeOf<InferEventBodyFromSchema<typeof userSchemas.arktype, "user:created">>().toExtend<Expected>();
    expectTypeOf<InferEventBodyFromSchema<typeof userSchemas.typebox, "user:created">>().toExtend<Expected>();
    expectTypeOf<InferEventBodyFromSchema<typeof userSchemas.typebox0, "user:created">>().toExtend<Expected>();
    expectTypeOf<InferStateFromSchema<typeof userSchemas.typebox0>>().toExtend<Expected>();
    expectTypeOf<InferStateFromSchema<typeof userSchemas.arktype>>().toExtend<Expected>();
    expectTypeOf<InferEventBodyFromSchema<typeof userSchemas.arktype, "user:renamed">>().toEqualTypeOf<{
      nickname: string;
    }>();
  });

  test("[U] schema.event is typed by short and by full names, with the library's own schemas", () => {
    expectTypeOf(userSchema.event["user:created"].entries.eventName).toEqualTypeOf<
      v.LiteralSchema<"user:created", undefined>
    >();
    expectTypeOf(userSchema.event.created).toEqualTypeOf(userSchema.event["user:created"]);
    expectTypeOf(userSchemas.zod.event.renamed.shape.body.shape.nickname).toEqualTypeOf<z.ZodString>();
    // @ts-expect-error there is no such event
    userSchema.event["user:gone"];
  });
});

describe("section 4", () => {
  test("a reducer is given a state and an event, or one that nobody knows, and returns a state", () => {
    const reducer: Reducer<typeof userSchema> = (prevState, event) => {
      expectTypeOf(prevState).toEqualTypeOf<UserState>();
      if (event.eventName === "user:created") return { ...event.body, deletedAt: null };
      return prevState;
    };
    expectTypeOf(defineReducer(userSchema, reducer)).toEqualTypeOf<Reducer<typeof userSchema>>();
    expectTypeOf(userReducer).toEqualTypeOf<Reducer<typeof userSchema>>();
  });

  test("a switch narrows the body, and its default branch leaves what nobody knows", () => {
    defineReducer(userSchema, (prevState, event) => {
      switch (event.eventName) {
        case "user:created":
          expectTypeOf(event.body).toEqualTypeOf<{ nickname: string; email: string }>();
          return { ...event.body };
        case "user:profile_updated":
          expectTypeOf(event.body).toEqualTypeOf<{ nickname?: string | undefined; bio?: string | undefined }>();
          return prevState;
        case "user:deleted":
          return prevState;
        default:
          expectTypeOf(event.eventName).toEqualTypeOf<"%unknown%">();
          return prevState;
      }
    });
  });
});

describe("sections 5 and 6", () => {
  test("the class takes what its constructor took, and create the body of the initial event", () => {
    expectTypeOf(User).toExtend<EntityConstructor<typeof userSchema>>();
    expectTypeOf(
      User.create({ body, entityId: "u1", eventId: "e1", eventCreatedAt: "2024-01-01T00:00:00Z" }),
    ).toEqualTypeOf<User>();
    const args: EntityConstructorArgs<typeof userSchema>[] = [
      { type: "create", body },
      { type: "load", entityId: "u1", state: { nickname: "a", email: "b" }, version: 3, UNSAFE_mutable: true },
      {
        type: "loadFromEvents",
        entityId: "u1",
        events: [],
        snapshot: { state: { nickname: "a", email: "b" }, version: 3 },
      },
    ];
    expectTypeOf(new User(args[0] as (typeof args)[0])).toEqualTypeOf<User>();
    Entity(userSchema, userReducer, { maxQueuedEvents: 5, generateId: (type: "eventId" | "entityId") => type });
    // @ts-expect-error the email is missing
    User.create({ body: { nickname: "alice" } });
  });

  test("dispatch knows the events, their bodies and its options", () => {
    class _Typed extends Entity(userSchema, userReducer) {
      change = mutation(this, (dispatch, bio: string) => {
        dispatch("user:profile_updated", { bio }, { eventId: "e1", eventCreatedAt: "2024-01-01T00:00:00Z" });
        // @ts-expect-error there is no such event
        dispatch("user:gone", {});
        // @ts-expect-error a bio is a text
        dispatch("user:profile_updated", { bio: 5 });
        // @ts-expect-error there is no such option
        dispatch("user:profile_updated", { bio }, { id: "e1" });
        return bio.length;
      });
    }
    expectTypeOf<_Typed["change"]>().parameters.toEqualTypeOf<[bio: string]>();
    expectTypeOf<_Typed["change"]>().returns.toEqualTypeOf<number>();
    expectTypeOf<_Typed["change"]["mutation"]>().toEqualTypeOf<true>();
    expectTypeOf<User["rename"]>().returns.toEqualTypeOf<Promise<string>>();
  });

  test("load gives a readonly entity, without its mutations and not to be committed; UNSAFE_mutable the whole one", () => {
    const state = { nickname: "a", email: "b" };
    const user = User.load({ entityId: "u1", state });
    expectTypeOf(user).toEqualTypeOf<ReadonlyEntity<User>>();
    expectTypeOf(user.nickname).toEqualTypeOf<string>();
    // @ts-expect-error it is to be looked at
    user.updateProfile({ bio: "x" });
    const users = createRepository(User, { adapter: {} as Adapter });
    // @ts-expect-error it is to be looked at
    users.commit(user);
    expectTypeOf(User.load({ entityId: "u1", state, version: 5, UNSAFE_mutable: true })).toEqualTypeOf<User>();
  });
});

describe("sections 7, 8 and 9", () => {
  test("a repository finds its entity or null, and passes for a Repository of it", () => {
    const users: Repository<User> = createRepository(User, { adapter: {} as Adapter });
    expectTypeOf(users.findOne({ entityId: "u1" })).resolves.toEqualTypeOf<User | null>();
    users.commit(User.create({ body }));
    // @ts-expect-error that is no user
    users.commit({} as Order);
  });

  test("[T] a value of type Adapter is accepted for every entity, and so is one of type Plugin", () => {
    const adapter: Adapter = {} as Adapter;
    const plugin: Plugin = {
      onCommitted: async ({ entityName }) => void expectTypeOf(entityName).toEqualTypeOf<string>(),
    };
    createRepository(User, { adapter, plugins: [plugin] });
    createRepository({} as typeof Order, { adapter, plugins: [plugin] });
    createRepository(
      Entity(userSchemas.zod, (state) => state),
      { adapter },
    );
    createRepository(
      Entity(userSchemas.typebox, (state) => state),
      { adapter },
    );
    createRepository(User, { adapter: {} as Adapter<typeof userSchema> });
  });

  test("[T] an adapter whose events are narrower than any event is an Adapter", () => {
    type Stored = {
      eventId: string;
      eventCreatedAt: string;
      eventName: `${string}:${string}`;
      entityId: string;
      entityName: string;
      // biome-ignore lint/complexity/noBannedTypes: word for word what adapters look like
      body: {};
      version?: number;
    };
    const stored: Stored[] = [];
    const adapter: Adapter = {
      async getEventsByEntityId(args): Promise<Stored[]> {
        return stored.filter(({ entityId }) => entityId === args.entityId);
      },
      // biome-ignore lint/suspicious/noExplicitAny: word for word what adapters look like
      async commitEvents(args: { entityName: string; entityId: string; events: Stored[]; state: any }) {
        stored.push(...args.events);
      },
    };
    createRepository(User, { adapter });
  });

  test("a typed adapter, a typed plugin, migrate and onPluginError know the schema", () => {
    createRepository(User, {
      adapter: {} as Adapter,
      plugins: [
        {
          onCommitted: ({ entityName, state }) => {
            expectTypeOf(entityName).toEqualTypeOf<"user">();
            expectTypeOf(state).toEqualTypeOf<UserState>();
          },
        },
      ],
      onPluginError: (error, plugin) => {
        expectTypeOf(error).toEqualTypeOf<unknown>();
        expectTypeOf(plugin).toEqualTypeOf<Plugin<typeof userSchema>>();
      },
      migrate: (rawEvent: BaseEventType): BaseEventType => rawEvent,
      snapshot: { frequency: 100 },
    });
    expectTypeOf<Parameters<Adapter<typeof userSchema>["commitEvents"]>[0]["entityName"]>().toEqualTypeOf<"user">();
    expectTypeOf<Parameters<Adapter<typeof userSchema>["commitEvents"]>[0]["state"]>().toEqualTypeOf<UserState>();
  });
});

describe("section 10", () => {
  type EventRow = {
    eventId: string;
    eventName: string;
    entityId: string;
    entityName: string;
    eventCreatedAt: Date;
    body: unknown;
    version?: number;
  };
  type SnapshotRow = { entityId: string; entityName: string; state: unknown; version: number };
  type ViewRow = { entityId: string; nickname: string };

  test("takes its options with six type arguments, and is an Adapter of the schema", () => {
    const options = {} as VentydAdapterOptions<
      typeof userSchema,
      EventRow,
      EventRow,
      SnapshotRow,
      SnapshotRow,
      ViewRow
    >;
    expectTypeOf(
      prismaAdapter<typeof userSchema, EventRow, EventRow, SnapshotRow, SnapshotRow, ViewRow>(options),
    ).toExtend<Adapter<typeof userSchema>>();
    createRepository(User, { adapter: prismaAdapter(options) });
    expectTypeOf(options.entityToViewRow).parameter(0).toEqualTypeOf<{
      entityId: string;
      entityName: "user";
      state: UserState;
      version: number;
    }>();
  });

  test("infers the rows from the tables, and the schema from where the adapter goes", () => {
    const tables = {} as {
      event: {
        findMany(args?: {
          where: { entityName: string; entityId: string; version?: { gt: number } };
        }): Promise<EventRow[]>;
        createMany(args?: { data: EventRow[] }): Promise<unknown>;
      };
      snapshot: {
        findFirst(args: { where: { entityId: string; entityName: string } }): Promise<SnapshotRow | null>;
        upsert(args: {
          where: { entityId: string };
          update: Partial<SnapshotRow>;
          create: SnapshotRow;
        }): Promise<unknown>;
      };
      view: {
        upsert(args: { where: { entityId: string }; update: Partial<ViewRow>; create: ViewRow }): Promise<unknown>;
      };
    };
    const prisma = {} as { $transaction: (commands: unknown[]) => Promise<unknown[]> };
    const adapter: Adapter<typeof userSchema> = prismaAdapter({
      prisma,
      snapshotEvery: 10,
      tables,
      entityToViewRow: ({ entityId, state }) => ({ entityId, nickname: state.nickname }),
    });
    createRepository(User, { adapter });
    // @ts-expect-error the view has no such column
    prismaAdapter({ prisma, tables, entityToViewRow: ({ entityId }) => ({ entityId, name: "x" }) });
  });
});

describe("section 11", () => {
  test("types are inferred from schemas and classes", () => {
    expectTypeOf<InferEntityNameFromSchema<typeof userSchema>>().toEqualTypeOf<"user">();
    expectTypeOf<InferEventNameFromSchema<typeof userSchema>>().toEqualTypeOf<Names>();
    expectTypeOf<InferEventFromSchema<typeof userSchema>>().toEqualTypeOf<UserEvent>();
    expectTypeOf<UserEvent["eventName"]>().toEqualTypeOf<Names>();
    expectTypeOf<UserEvent>().toExtend<BaseEventType>();
    expectTypeOf<InferEventBodyFromSchema<typeof userSchema, "user:deleted">>().toEqualTypeOf<{
      reason?: string | undefined;
    }>();
    expectTypeOf<InferEventBodyFromSchema<typeof userSchema, "user:gone">>().toBeNever();
    expectTypeOf<InferInitialEventNameFromSchema<typeof userSchema>>().toEqualTypeOf<"user:created">();
    expectTypeOf<InferInitialEventBodyFromSchema<typeof userSchema>>().toEqualTypeOf<typeof body>();
    expectTypeOf<InferStateFromSchema<typeof orderSchema>["status"]>().toEqualTypeOf<"draft" | "confirmed">();
    expectTypeOf<InferSchemaFromEntityConstructor<typeof User>>().toEqualTypeOf<typeof userSchema>();
    expectTypeOf<InferStateFromSchema<string>>().toBeNever();
  });
});
