import {
  type Adapter,
  type BaseEventType,
  createRepository,
  defineEntity,
  EntityNotFoundError,
  ValidationError,
  VentydError,
  withAttribution,
} from "ventyd";

declare const console: { log(line: string): void };

/** Nobody's library: what Standard Schema asks for, and no more. */
function schemaOf<T extends object>(isOne: (value: { [K in keyof T]?: unknown }) => boolean) {
  return {
    "~standard": {
      version: 1,
      vendor: "none",
      validate: (value: unknown): { value: T } | { issues: { message: string }[] } =>
        typeof value === "object" && value !== null && isOne(value)
          ? { value: value as T }
          : { issues: [{ message: "not one of them" }] },
      types: undefined as { input: T; output: T } | undefined,
    },
  } as const;
}

const Account = defineEntity("account", {
  state: schemaOf<{ balance: number; note?: string }>(({ balance }) => typeof balance === "number"),
  events: {
    opened: schemaOf<{ owner: string }>(({ owner }) => typeof owner === "string"),
    paid: schemaOf<{ amount: number; note?: string }>(({ amount }) => typeof amount === "number"),
  },
  initial: "opened",
  reduce: {
    opened: () => ({ balance: 0 }),
    paid: ({ balance }, { body: { amount, ...rest } }) => ({ ...rest, balance: balance + amount }),
  },
  mutations: {
    pay: ({ state, dispatch }, amount: number) => {
      if (state.balance + amount < 0) throw new RangeError("not enough");
      dispatch("paid", { amount });
      // @ts-expect-error there is no such event
      return () => dispatch("gone", { amount });
    },
  },
});

/** The two methods that an adapter needs. */
function arrayAdapter(): Adapter {
  const stored: BaseEventType[] = [];
  return {
    storesMetadata: true,
    async getEventsByEntityId({ entityName, entityId }) {
      return stored.filter((event) => event.entityName === entityName && event.entityId === entityId);
    },
    async commitEvents({ events }) {
      stored.push(...events);
    },
  };
}

async function main() {
  const accounts = createRepository(Account, { adapter: arrayAdapter(), attribution: "required" });
  await withAttribution({ actor: "alice", reason: "payday" }, async () => {
    await accounts.create({ entityId: "1", body: { owner: "ann" } });
    await accounts.mutate({ entityId: "1" }, (account) => account.pay(5));
    await accounts.mutate({ entityId: "1" }, (account) => account.pay(7));
  });
  await accounts.rollback({ entityId: "1", toVersion: 2 }, { actor: "bob", reason: "twice" });
  const account = await accounts.findOneOrThrow({ entityId: "1" });
  // @ts-expect-error the balance is a number
  const balance: string = account.state.balance;
  const codes = await Promise.all(
    [
      () => accounts.findOneOrThrow({ entityId: "2" }),
      () => accounts.create({ body: { owner: 1 as never } }),
      () => accounts.mutate({ entityId: "1" }, (found) => found.pay(-9), { actor: "bob", reason: "spent" }),
    ].map((act) =>
      act().then(
        () => "done",
        (error: unknown) =>
          error instanceof VentydError
            ? [error.code, error instanceof EntityNotFoundError, error instanceof ValidationError]
            : (error as Error).name,
      ),
    ),
  );
  console.log(JSON.stringify([account.version, balance, codes]));
}

void main();
