import { spawnSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { bindAttribution, currentAttribution, withAttribution } from "./attribution.ts";
import type { Attribution } from "./metadata.ts";

describe("withAttribution", () => {
  test("surrounds what runs inside, and nothing else", () => {
    expect(currentAttribution()).toEqual({});
    const seen = withAttribution({ actor: "alice", reason: "Review" }, currentAttribution);
    expect(seen).toEqual({ actor: "alice", reason: "Review" });
    expect(currentAttribution()).toEqual({});
  });

  test("returns what the function returns, a promise as it is", async () => {
    expect(withAttribution({ actor: "alice" }, () => 5)).toBe(5);
    const promise = Promise.resolve(5);
    expect(withAttribution({ actor: "alice" }, () => promise)).toBe(promise);
  });

  test("ends with the function, also when it throws", () => {
    const bug = new Error("bug");
    expect(() =>
      withAttribution({ actor: "alice" }, () => {
        throw bug;
      }),
    ).toThrow(bug);
    expect(currentAttribution()).toEqual({});
  });

  test("inside another one wins per key, for as long as it lasts", () => {
    withAttribution({ actor: "alice", reason: "Review", correlationId: "r1" }, () => {
      const inner = withAttribution({ actor: "bob", causationId: "c1" }, currentAttribution);
      expect(inner).toEqual({ actor: "bob", reason: "Review", correlationId: "r1", causationId: "c1" });
      expect(currentAttribution()).toEqual({ actor: "alice", reason: "Review", correlationId: "r1" });
    });
  });

  test("inside another one adds to its metadata, per name", () => {
    withAttribution({ metadata: { source: "api", tags: ["a"], ip: "::1" } }, () => {
      const inner = withAttribution({ actor: "bob", metadata: { tags: ["b"], batch: 7 } }, currentAttribution);
      expect(inner).toEqual({ actor: "bob", metadata: { source: "api", tags: ["b"], ip: "::1", batch: 7 } });
    });
  });

  test.each<[string, string | null | undefined]>([
    ["undefined", undefined],
    ["null, from JavaScript", null],
    ["an empty text", ""],
    ["blanks alone", " \t\n"],
  ])("takes %s for nothing said: the outer one stays", (_, blank) => {
    const said = { actor: blank, reason: blank, correlationId: blank, causationId: blank } as Attribution;
    const outer = { actor: "alice", reason: "Review", correlationId: "r1", causationId: "c1" };
    withAttribution(outer, () => {
      expect(withAttribution(said, currentAttribution)).toEqual(outer);
    });
    expect(withAttribution(said, currentAttribution)).toEqual({});
  });

  test("takes a metadata name with the value undefined for nothing said", () => {
    withAttribution({ metadata: { source: "api" } }, () => {
      const inner = withAttribution({ metadata: { source: undefined } }, currentAttribution);
      expect(inner.metadata).toEqual({ source: "api" });
    });
  });

  test("keeps a reason as it was written, blanks at its ends included", () => {
    expect(withAttribution({ reason: " because " }, currentAttribution).reason).toBe(" because ");
  });

  test("follows awaits, timers, callbacks and parallel work, each with its own", async () => {
    const later = async () => {
      await setImmediate();
      await Promise.resolve();
      return currentAttribution().actor;
    };
    const callback = () =>
      new Promise((resolve) => {
        setTimeout(() => queueMicrotask(() => resolve(currentAttribution().actor)), 0);
      });
    const seen = await Promise.all([
      withAttribution({ actor: "alice" }, later),
      withAttribution({ actor: "bob" }, callback),
      withAttribution({ actor: "carol" }, later),
      later(),
    ]);
    expect(seen).toEqual(["alice", "bob", "carol", undefined]);
  });

  test("does not reach the work around it that goes on while it is pending", async () => {
    const pending = withAttribution({ actor: "alice" }, () => setImmediate());
    expect(currentAttribution()).toEqual({});
    await pending;
    expect(currentAttribution()).toEqual({});
  });

  test("is seen by another installed copy of the package", async () => {
    vi.resetModules();
    const copy = await import("./attribution.ts");
    expect(copy.currentAttribution).not.toBe(currentAttribution);
    withAttribution({ actor: "alice" }, () => expect(copy.currentAttribution()).toEqual({ actor: "alice" }));
    copy.withAttribution({ actor: "bob" }, () => expect(currentAttribution()).toEqual({ actor: "bob" }));
  });
});

describe("currentAttribution", () => {
  test("gives a frozen object, inside and outside", () => {
    expect(Object.isFrozen(currentAttribution())).toBe(true);
    for (const metadata of [undefined, {}, { source: "api" }]) {
      const seen = withAttribution({ actor: "alice", metadata }, currentAttribution);
      expect(Object.isFrozen(seen)).toBe(true);
      expect(Object.isFrozen(seen.metadata)).toBe(true);
    }
  });

  test("does not change with the object that was given", () => {
    const given = { actor: "alice", metadata: {} as Record<string, unknown> };
    withAttribution(given, () => {
      given.actor = "mallory";
      given.metadata.source = "mallory";
      expect(currentAttribution().actor).toBe("alice");
      expect(currentAttribution().metadata?.source).toBeUndefined();
    });
  });
});

describe("bindAttribution", () => {
  test("carries the attribution of the moment into a callback that runs elsewhere", async () => {
    const emitter = new EventEmitter();
    const seen: (string | undefined)[] = [];
    withAttribution({ actor: "alice" }, () => {
      emitter.on(
        "tick",
        bindAttribution(() => seen.push(currentAttribution().actor)),
      );
      emitter.on("tick", () => seen.push(currentAttribution().actor));
    });
    withAttribution({ actor: "bob" }, () => emitter.emit("tick"));
    expect(seen).toEqual(["alice", "bob"]);
  });

  test("replaces the attribution of the place where it runs, also with none at all", () => {
    const outside = bindAttribution(currentAttribution);
    const alice = withAttribution({ actor: "alice" }, () => bindAttribution(currentAttribution));
    withAttribution({ actor: "bob", reason: "Review" }, () => {
      expect(outside()).toEqual({});
      expect(alice()).toEqual({ actor: "alice" });
      expect(currentAttribution()).toEqual({ actor: "bob", reason: "Review" });
    });
  });

  test("hands on this, arguments, the result and what is thrown", () => {
    const bound = bindAttribution(function (this: { factor: number }, a: number, b: number) {
      return this.factor * (a + b);
    });
    expect(bound.call({ factor: 2 }, 3, 4)).toBe(14);
    const bug = new Error("bug");
    const throwing = bindAttribution(() => {
      throw bug;
    });
    expect(throwing).toThrow(bug);
  });

  test("goes on across the awaits of the callback", async () => {
    const bound = withAttribution({ actor: "alice" }, () =>
      bindAttribution(async () => {
        await setImmediate();
        return currentAttribution().actor;
      }),
    );
    expect(await bound()).toBe("alice");
  });

  test("is not needed by a promise that was made inside", async () => {
    const emitter = new EventEmitter();
    const waiting = withAttribution({ actor: "alice" }, async () => {
      await once(emitter, "ready");
      return currentAttribution().actor;
    });
    emitter.emit("ready");
    expect(await waiting).toBe("alice");
  });
});

describe("in a runtime without AsyncLocalStorage", () => {
  const script = `
    delete process.getBuiltinModule;
    process.getBuiltinModule = undefined;
    const { bindAttribution, currentAttribution, withAttribution } = await import(${JSON.stringify(new URL("./attribution.ts", import.meta.url).href)});
    const { UnsupportedError } = await import(${JSON.stringify(new URL("../errors/index.ts", import.meta.url).href)});
    const outcome = (work) => {
      try {
        return { ran: work() };
      } catch (error) {
        return { unsupported: error instanceof UnsupportedError, code: error.code, ability: error.ability, message: error.message };
      }
    };
    console.log(JSON.stringify([
      outcome(() => withAttribution({ actor: "alice" }, () => "ran")),
      outcome(() => bindAttribution(() => "ran")()),
      outcome(() => [currentAttribution(), Object.isFrozen(currentAttribution())]),
    ]));
  `;

  test("there is no attribution around anything, and asking for one is an UnsupportedError rather than somebody else's", () => {
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      encoding: "utf8",
    });
    expect(stdout, stderr).not.toBe("");
    const [surround, bind, current] = JSON.parse(stdout);
    for (const refused of [surround, bind]) {
      expect(refused).toMatchObject({ unsupported: true, code: "unsupported", ability: "async-context" });
      expect(refused.message).toContain("AsyncLocalStorage");
    }
    expect(current).toEqual({ ran: [{}, true] });
  });
});
