import { describe, expect, test } from "vitest";
import { EntityBusyError, QueueOverflowError, ReadonlyEntityError, VentydError } from "../errors/index.ts";
import { createRepository } from "../repository/create-repository.ts";
import { defineSchema } from "../schema/define-schema.ts";
import type { BaseEventType } from "../schema/event.ts";
import type { Adapter } from "../storage/index.ts";
import { z, zod } from "../validators/zod.ts";
import { defineReducer } from "./define-reducer.ts";
import { Entity } from "./entity.ts";
import { mutation } from "./mutation.ts";
import type { Dispatch } from "./types.ts";

const schema = defineSchema("account", {
  schema: zod({
    event: { opened: z.object({}), deposited: z.object({ amount: z.number() }) },
    state: z.object({ balance: z.number() }),
  }),
  initialEventName: "account:opened",
});

const reducer = defineReducer(schema, {
  "account:opened": () => ({ balance: 0 }),
  "account:deposited": (state, { body }) => {
    if (body.amount === 13) throw new Error("bug in the reducer");
    return { balance: state.balance + body.amount };
  },
});

type AccountDispatch = Dispatch<typeof schema>;

class Account extends Entity(schema, reducer, { maxQueuedEvents: 6, now: () => new Date("2026-01-01T00:00:00Z") }) {
  deposit = mutation(this, (dispatch, amount: number) => dispatch("account:deposited", { amount }));
  /** Runs any work as one mutation. */
  run = mutation(this, (dispatch, work: (dispatch: AccountDispatch) => unknown) => work(dispatch)) as <T>(
    work: (dispatch: AccountDispatch) => T,
  ) => T;
}

const open = () => Account.create({ body: {}, entityId: "a1" });
const deposit = (dispatch: AccountDispatch, amount: number) => dispatch("account:deposited", { amount });

/** Everything that a caller can see of an entity. */
const look = ({ version, state, uncommittedEvents }: Account) => structuredClone({ version, state, uncommittedEvents });

/** A promise and what settles it. */
const gate = () => Promise.withResolvers<void>();

describe("a mutation", () => {
  test("hands over dispatch and its own arguments, and returns what the function returns", () => {
    class Greeter extends Entity(schema, reducer) {
      greet = mutation(this, (dispatch, greeting: string, times: number) => {
        dispatch("account:deposited", { amount: times });
        return greeting.repeat(times);
      });
    }
    const greeter = Greeter.create({ body: {} });
    expect(greeter.greet("ho", 3)).toBe("hohoho");
    expect(greeter.state.balance).toBe(3);
  });

  test("carries the mark `mutation`, which tells it from other methods", () => {
    expect(open().deposit.mutation).toBe(true);
  });

  test("works apart from its entity", () => {
    const account = open();
    const { deposit } = account;
    deposit(5);
    expect(account.state.balance).toBe(5);
  });

  test("sees the state move with each dispatch", () => {
    const account = open();
    const balances = account.run((dispatch) => {
      const before = account.state.balance;
      deposit(dispatch, 5);
      const between = account.state.balance;
      deposit(dispatch, 7);
      return [before, between, account.state.balance];
    });
    expect(balances).toEqual([0, 5, 12]);
  });

  test("may dispatch nothing", () => {
    const account = open();
    const before = look(account);
    expect(account.run(() => "nothing")).toBe("nothing");
    expect(look(account)).toEqual(before);
  });

  test("D4b: on a readonly entity throws before its body runs", () => {
    const account = Account.load({ entityId: "a1", state: { balance: 1 } }) as unknown as Account;
    let ran = false;
    const attempt = () =>
      account.run(() => {
        ran = true;
      });
    expect(attempt).toThrow(ReadonlyEntityError);
    expect(attempt).toThrow(/^Entity is readonly/);
    expect(attempt).toThrow(expect.objectContaining({ entityName: "account", entityId: "a1" }));
    expect(ran).toBe(false);
  });

  test("D4b: on a readonly entity throws at once, also an asynchronous one", () => {
    const account = Account.load({ entityId: "a1", state: { balance: 1 } }) as unknown as Account;
    expect(() => account.run(async () => {})).toThrow(ReadonlyEntityError);
  });
});

describe("A3: a mutation that throws is undone as a whole", () => {
  test.each<[string, (dispatch: AccountDispatch) => void, string]>([
    [
      "it throws itself",
      (dispatch) => {
        deposit(dispatch, 7);
        throw new Error("not enough");
      },
      "not enough",
    ],
    [
      "its second dispatch is refused",
      (dispatch) => {
        deposit(dispatch, 7);
        deposit(dispatch, "7" as never);
      },
      "Validation failed",
    ],
    [
      "the reducer throws at its second dispatch",
      (dispatch) => {
        deposit(dispatch, 7);
        deposit(dispatch, 13);
      },
      "bug in the reducer",
    ],
    [
      "it dispatches more than the queue holds",
      (dispatch) => {
        for (let count = 0; count < 9; count++) deposit(dispatch, 1);
      },
      "Event queue overflow: maximum 6 uncommitted events exceeded",
    ],
  ])("%s", (_, work, message) => {
    const account = open();
    account.deposit(5);
    const before = look(account);
    expect(() => account.run(work)).toThrow(message);
    expect(look(account)).toEqual(before);
    account.deposit(1);
    expect(account).toMatchObject({ version: 3, state: { balance: 6 } });
    expect(account.uncommittedEvents.map(({ version }) => version)).toEqual([1, 2, 3]);
  });

  test("an overflow undoes that mutation alone, and leaves room for a smaller one", () => {
    const account = open();
    for (let count = 0; count < 4; count++) account.deposit(1);
    expect(() =>
      account.run((dispatch) => {
        deposit(dispatch, 1);
        deposit(dispatch, 1);
      }),
    ).toThrow(QueueOverflowError);
    account.deposit(1);
    expect(account.version).toBe(6);
  });

  test("what is caught inside is undone no further than the dispatch that failed", () => {
    const account = open();
    account.run((dispatch) => {
      deposit(dispatch, 5);
      expect(() => deposit(dispatch, 13)).toThrow("bug");
      deposit(dispatch, 7);
    });
    expect(account).toMatchObject({ version: 3, state: { balance: 12 } });
  });

  test("also its times: an event in the future that was undone holds nothing back", () => {
    const account = open();
    expect(() =>
      account.run((dispatch) => {
        dispatch("account:deposited", { amount: 1 }, { eventCreatedAt: "2030-01-01T00:00:00Z" });
        throw new Error("no");
      }),
    ).toThrow("no");
    account.deposit(1);
    expect(account.uncommittedEvents.at(-1)?.eventCreatedAt).toBe("2026-01-01T00:00:00.000Z");
  });
});

describe("an asynchronous mutation", () => {
  test("keeps what it dispatched when it fulfils, and gives its value", async () => {
    const account = open();
    const value = await account.run(async (dispatch) => {
      deposit(dispatch, 5);
      await null;
      deposit(dispatch, 7);
      return "done";
    });
    expect(value).toBe("done");
    expect(account).toMatchObject({ version: 3, state: { balance: 12 } });
  });

  test("A3: is undone as a whole when it rejects", async () => {
    const account = open();
    account.deposit(1);
    const before = look(account);
    const bug = new Error("no");
    const attempt = account.run(async (dispatch) => {
      deposit(dispatch, 5);
      await null;
      deposit(dispatch, 7);
      throw bug;
    });
    await expect(attempt).rejects.toBe(bug);
    expect(look(account)).toEqual(before);
    account.deposit(2);
    expect(account).toMatchObject({ version: 3, state: { balance: 3 } });
  });

  test("takes any thenable for asynchronous", async () => {
    const account = open();
    const before = look(account);
    const attempt = account.run((dispatch) => {
      deposit(dispatch, 5);
      // biome-ignore lint/suspicious/noThenProperty: that is what a thenable is
      return { then: (_: unknown, reject: (error: Error) => void) => reject(new Error("no")) };
    });
    expect(() => account.deposit(1)).toThrow(EntityBusyError);
    await expect(attempt).rejects.toThrow("no");
    expect(look(account)).toEqual(before);
  });

  test("keeps every other mutation out while it is pending, sync or async, before their bodies run", async () => {
    const account = open();
    const { promise, resolve } = gate();
    const pending = account.run(async (dispatch) => {
      deposit(dispatch, 5);
      await promise;
      deposit(dispatch, 7);
    });
    let ran = 0;
    for (const attempt of [
      () => account.run(() => ran++),
      () => account.run(async () => ran++),
      () => account.deposit(1),
    ]) {
      expect(attempt).toThrow(EntityBusyError);
      expect(attempt).toThrow(expect.objectContaining({ code: "entity_busy", retryable: true, entityId: "a1" }));
    }
    expect(ran).toBe(0);
    resolve();
    await pending;
    expect(account.state.balance).toBe(12);
    account.deposit(1);
    expect(account.state.balance).toBe(13);
  });

  test("keeps commits out while it is pending, and lets them in when it has settled", async () => {
    const { account, commit, stored } = committed();
    const { promise, resolve } = gate();
    const pending = account.run(async (dispatch) => {
      deposit(dispatch, 5);
      await promise;
    });
    await expect(commit()).rejects.toThrow(EntityBusyError);
    expect(stored).toEqual([]);
    resolve();
    await pending;
    await commit();
    expect(stored.map(({ version }) => version)).toEqual([1, 2]);
  });

  test("frees the entity when it rejects, too", async () => {
    const account = open();
    await expect(account.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    account.deposit(1);
    expect(account.state.balance).toBe(1);
  });

  test("leaves other entities alone", async () => {
    const { promise, resolve } = gate();
    const pending = open().run(() => promise);
    const other = open();
    other.deposit(1);
    expect(other.state.balance).toBe(1);
    resolve();
    await pending;
  });
});

describe("dispatch", () => {
  const settled = expect.objectContaining({ code: "mutation_settled" });

  test("ends with a mutation that returned", () => {
    const account = open();
    const kept = account.run((dispatch) => dispatch.bind(null));
    const before = look(account);
    expect(() => deposit(kept, 1)).toThrow(VentydError);
    expect(() => deposit(kept, 1)).toThrow(settled);
    expect(() => deposit(kept, 1)).toThrow('"account:deposited"');
    expect(look(account)).toEqual(before);
  });

  test("ends with a mutation that threw, fulfilled or rejected", async () => {
    const account = open();
    const kept: AccountDispatch[] = [];
    expect(() =>
      account.run((dispatch) => {
        kept.push(dispatch);
        throw new Error("no");
      }),
    ).toThrow("no");
    await account.run(async (dispatch) => kept.push(dispatch));
    await account
      .run(async (dispatch) => {
        kept.push(dispatch);
        throw new Error("no");
      })
      .catch(() => {});
    const before = look(account);
    expect(kept).toHaveLength(3);
    for (const dispatch of kept) expect(() => deposit(dispatch, 1)).toThrow(settled);
    expect(look(account)).toEqual(before);
  });

  test("is refused to work that its mutation did not wait for", async () => {
    const account = open();
    const { promise, resolve } = gate();
    const forgotten = account.run((dispatch) => [promise.then(() => deposit(dispatch, 1))])[0];
    resolve();
    await expect(forgotten).rejects.toThrow(settled);
    expect(account.version).toBe(1);
  });

  test("of one mutation does not work inside another", () => {
    const account = open();
    account.run((outer) => {
      account.run((inner) => {
        expect(() => deposit(outer, 1)).toThrow(EntityBusyError);
        deposit(inner, 5);
      });
      deposit(outer, 7);
    });
    expect(account.state.balance).toBe(12);
  });
});

describe("a mutation inside a mutation", () => {
  test("is part of it", () => {
    const account = open();
    account.run((dispatch) => {
      deposit(dispatch, 1);
      account.deposit(2);
      deposit(dispatch, 4);
    });
    expect(account).toMatchObject({ version: 4, state: { balance: 7 } });
  });

  test("is undone with it", () => {
    const account = open();
    const before = look(account);
    expect(() =>
      account.run((dispatch) => {
        deposit(dispatch, 1);
        account.deposit(2);
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(look(account)).toEqual(before);
  });

  test("that throws is undone alone, where the outer one goes on", () => {
    const account = open();
    account.run((dispatch) => {
      deposit(dispatch, 1);
      expect(() =>
        account.run((inner) => {
          deposit(inner, 2);
          account.deposit(4);
          throw new Error("no");
        }),
      ).toThrow("no");
      expect(account.state.balance).toBe(1);
      deposit(dispatch, 8);
    });
    expect(account).toMatchObject({ version: 3, state: { balance: 9 } });
    expect(account.uncommittedEvents.map(({ version }) => version)).toEqual([1, 2, 3]);
  });

  test("may run in the synchronous part of an asynchronous one, not after it", async () => {
    const account = open();
    await account.run(async (dispatch) => {
      account.deposit(1);
      deposit(dispatch, 2);
      await null;
      expect(() => account.deposit(4)).toThrow(EntityBusyError);
      deposit(dispatch, 8);
    });
    expect(account.state.balance).toBe(11);
  });

  test("that is asynchronous is waited for like any other: the outer one may dispatch again when it has settled", async () => {
    const account = open();
    await account.run(async (dispatch) => {
      deposit(dispatch, 1);
      const inner = account.run(async (dispatch) => {
        await null;
        deposit(dispatch, 2);
      });
      expect(() => deposit(dispatch, 100)).toThrow(EntityBusyError);
      await inner;
      deposit(dispatch, 4);
    });
    expect(account).toMatchObject({ version: 4, state: { balance: 7 } });
  });

  test("that is asynchronous and rejects is undone alone, where the outer one goes on", async () => {
    const account = open();
    await account.run(async (dispatch) => {
      deposit(dispatch, 1);
      await account
        .run(async (inner) => {
          deposit(inner, 2);
          await null;
          throw new Error("no");
        })
        .catch(() => {});
      deposit(dispatch, 4);
    });
    expect(account).toMatchObject({ version: 3, state: { balance: 5 } });
  });

  test("that is still pending when the outer one throws goes with it, and can do nothing more", async () => {
    const account = open();
    const before = look(account);
    const { promise, resolve } = gate();
    let inner: Promise<void> | undefined;
    expect(() =>
      account.run((dispatch) => {
        deposit(dispatch, 1);
        inner = account.run(async (dispatch) => {
          deposit(dispatch, 2);
          await promise;
          deposit(dispatch, 4);
        });
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(look(account)).toEqual(before);
    account.deposit(8);
    resolve();
    await expect(inner).rejects.toThrow(expect.objectContaining({ code: "mutation_settled" }));
    expect(account).toMatchObject({ version: 2, state: { balance: 8 } });
  });

  test("that is still pending when the outer one returns keeps the entity busy until it has settled", async () => {
    const account = open();
    const { promise, resolve } = gate();
    const [inner] = account.run((dispatch) => {
      deposit(dispatch, 1);
      return [
        account.run(async (dispatch) => {
          await promise;
          deposit(dispatch, 2);
        }),
      ];
    });
    expect(() => account.deposit(4)).toThrow(EntityBusyError);
    resolve();
    await inner;
    account.deposit(8);
    expect(account).toMatchObject({ version: 4, state: { balance: 11 } });
  });
});

/** An account, a way to commit it, and what was stored; `write` is called before each write and may delay or refuse it. */
function committed(write: () => Promise<void> = async () => {}) {
  const stored: BaseEventType[] = [];
  const adapter: Adapter = {
    storesMetadata: true,
    async getEventsByEntityId() {
      return stored;
    },
    async commitEvents({ events }) {
      await write();
      stored.push(...structuredClone(events));
    },
  };
  const account = open();
  const accounts = createRepository(Account, { adapter });
  return { account, stored, commit: () => accounts.commit(account) };
}

test("what is said with a dispatch is what it was then, whatever becomes of the object that said it", async () => {
  const { account, stored, commit } = committed();
  const said = { actor: "alice", metadata: { tags: ["a"] } };
  account.run((dispatch) => dispatch("account:deposited", { amount: 1 }, said));
  said.actor = "mallory";
  said.metadata.tags.push("b");
  await commit();
  expect(stored[1]).toMatchObject({ metadata: { actor: "alice", tags: ["a"] } });
});

describe("a mutation during a commit", () => {
  test("that rejects after the commit has ended takes back its own events and no others", async () => {
    const write = gate();
    const work = gate();
    const { account, stored, commit } = committed(() => write.promise);
    const committing = commit();
    const pending = account.run(async (dispatch) => {
      deposit(dispatch, 5);
      await work.promise;
    });
    write.resolve();
    await committing;
    work.reject(new Error("no"));
    await expect(pending).rejects.toThrow("no");
    expect(account).toMatchObject({ version: 1, state: { balance: 0 }, uncommittedEvents: [] });

    account.deposit(1);
    await commit();
    expect(stored.map(({ version, body }) => [version, body])).toEqual([
      [1, {}],
      [2, { amount: 1 }],
    ]);
  });

  test("that fulfils leaves its events for the next commit", async () => {
    const write = gate();
    const { account, stored, commit } = committed(() => write.promise);
    const committing = commit();
    account.deposit(5);
    await account.run(async (dispatch) => deposit(dispatch, 7));
    write.resolve();
    await committing;
    expect(account.uncommittedEvents.map(({ version }) => version)).toEqual([2, 3]);
    await commit();
    expect(stored.map(({ version }) => version)).toEqual([1, 2, 3]);
  });
});
