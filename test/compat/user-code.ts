/** Code as its users wrote it for 1.20.4, word for word: nothing in here is of a later version. */
import {
  type Adapter,
  type BaseEventType,
  createRepository,
  defineReducer,
  defineSchema,
  Entity,
  type InferEventFromSchema,
  type InferStateFromSchema,
  mutation,
  type Plugin,
  type Repository,
} from "ventyd";
import { v, valibot } from "ventyd/valibot";
import { z, zod } from "ventyd/zod";

export const userSchema = defineSchema("user", {
  schema: valibot({
    event: {
      created: v.object({ nickname: v.string(), email: v.pipe(v.string(), v.email()) }),
      profile_updated: v.object({ nickname: v.optional(v.string()), bio: v.optional(v.string()) }),
      deleted: v.object({ reason: v.optional(v.string()) }),
    },
    state: v.object({
      nickname: v.string(),
      email: v.string(),
      bio: v.optional(v.string()),
      deletedAt: v.optional(v.nullable(v.string())),
    }),
  }),
  initialEventName: "user:created",
});

export type UserEvent = InferEventFromSchema<typeof userSchema>;
export type UserState = InferStateFromSchema<typeof userSchema>;

export const userReducer = defineReducer(userSchema, (prevState, event) => {
  switch (event.eventName) {
    case "user:created":
      return { nickname: event.body.nickname, email: event.body.email, deletedAt: null };
    case "user:profile_updated":
      return {
        ...prevState,
        ...(event.body.nickname && { nickname: event.body.nickname }),
        ...(event.body.bio !== undefined && { bio: event.body.bio }),
      };
    case "user:deleted":
      return { ...prevState, deletedAt: event.eventCreatedAt };
    default:
      return prevState;
  }
});

export class User extends Entity(userSchema, userReducer) {
  get nickname() {
    return this.state.nickname;
  }

  get isDeleted() {
    return typeof this.state.deletedAt === "string";
  }

  updateProfile = mutation(this, (dispatch, updates: { nickname?: string; bio?: string }) => {
    if (this.isDeleted) throw new Error("Cannot update profile of deleted user");
    dispatch("user:profile_updated", updates);
  });

  delete = mutation(this, (dispatch, reason?: string) => {
    if (this.isDeleted) throw new Error("User is already deleted");
    dispatch("user:deleted", { ...(reason !== undefined && { reason }) });
    return { deleted: true };
  });

  rename = mutation(this, async (dispatch, lookUp: () => Promise<string>) => {
    const nickname = await lookUp();
    dispatch("user:profile_updated", { nickname }, { eventId: "rename-1", eventCreatedAt: "2024-05-01T00:00:00.000Z" });
    return nickname;
  });
}

/** The in-memory adapter of two methods, with an array per stream. */
export function createInMemoryAdapter(): Adapter {
  const streams = new Map<string, BaseEventType[]>();
  return {
    async getEventsByEntityId({ entityName, entityId }) {
      return streams.get(`${entityName}/${entityId}`) ?? [];
    },
    async commitEvents({ entityName, entityId, events }) {
      const key = `${entityName}/${entityId}`;
      streams.set(key, [...(streams.get(key) ?? []), ...events]);
    },
  };
}

export class UserService {
  private readonly users: Repository<User>;

  constructor(adapter: Adapter, plugins: Plugin[] = []) {
    this.users = createRepository(User, { adapter, plugins, snapshot: { frequency: 100 } });
  }

  async register(nickname: string, email: string): Promise<string> {
    const user = User.create({ body: { nickname, email } });
    await this.users.commit(user);
    return user.entityId;
  }

  async setBio(entityId: string, bio: string): Promise<UserState> {
    const user = await this.users.findOne({ entityId });
    if (!user) throw new Error("User not found");
    user.updateProfile({ bio });
    await this.users.commit(user);
    return user.state;
  }
}

export const orderSchema = defineSchema("order", {
  schema: zod({
    event: {
      created: z.object({
        customer: z.string(),
        items: z.array(z.object({ sku: z.string(), quantity: z.number(), price: z.number() })),
      }),
      item_added: z.object({ sku: z.string(), quantity: z.number(), price: z.number() }),
      confirmed: z.object({}),
    },
    state: z.object({
      customer: z.string(),
      items: z.array(z.object({ sku: z.string(), quantity: z.number(), price: z.number() })),
      status: z.enum(["draft", "confirmed"]),
    }),
  }),
  initialEventName: "order:created",
});

/** Writes into what the state before it holds, which is what the first event's body holds. */
export const orderReducer = defineReducer(orderSchema, (prevState, event) => {
  switch (event.eventName) {
    case "order:created":
      return { customer: event.body.customer, items: event.body.items, status: "draft" as const };
    case "order:item_added": {
      const existingItem = prevState.items.find((item) => item.sku === event.body.sku);
      if (existingItem) {
        existingItem.quantity += event.body.quantity;
        return { ...prevState };
      }
      return { ...prevState, items: [...prevState.items, event.body] };
    }
    case "order:confirmed":
      return { ...prevState, status: "confirmed" as const };
    default:
      return prevState;
  }
});

export class Order extends Entity(orderSchema, orderReducer) {
  get total() {
    return this.state.items.reduce((sum, item) => sum + item.quantity * item.price, 0);
  }

  addItem = mutation(this, (dispatch, sku: string, quantity: number, price: number) => {
    if (this.state.status !== "draft") throw new Error("Order is not a draft");
    dispatch("order:item_added", { sku, quantity, price });
  });

  confirm = mutation(this, (dispatch) => {
    if (this.state.items.length === 0) throw new Error("Order is empty");
    dispatch("order:confirmed", {});
  });
}
