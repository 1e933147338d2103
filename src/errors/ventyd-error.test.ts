import { beforeAll, describe, expect, test, vi } from "vitest";
import * as errors from "./index.ts";
import {
  CommitOutcomeUnknownError,
  ConcurrencyError,
  EntityExistsError,
  EntityNotFoundError,
  SerializationError,
  UnsupportedError,
  ValidationError,
  VentydError,
} from "./index.ts";

const entity = { entityName: "post", entityId: "p1" };
const conflict = { ...entity, expectedVersion: 2, actualVersion: 5 };

/** One error of each class. */
const samples = {
  VentydError: new errors.VentydError("wrong_entity", "Wrong entity."),
  ValidationError: new errors.ValidationError("invalid_text", "Invalid text."),
  SerializationError: new errors.SerializationError("not_json", "Not JSON."),
  ReadonlyEntityError: new errors.ReadonlyEntityError(entity),
  EntityBusyError: new errors.EntityBusyError(entity),
  QueueOverflowError: new errors.QueueOverflowError({ ...entity, maxQueuedEvents: 5 }),
  EntityErasedError: new errors.EntityErasedError(entity),
  AttributionError: new errors.AttributionError({ ...entity, eventName: "post:approved", missing: ["actor"] }),
  EntityNotFoundError: new errors.EntityNotFoundError(entity),
  ConcurrencyError: new errors.ConcurrencyError(conflict),
  EntityExistsError: new errors.EntityExistsError(conflict),
  IdempotencyMismatchError: new errors.IdempotencyMismatchError({ ...entity, idempotencyKey: "k" }),
  CommitOutcomeUnknownError: new errors.CommitOutcomeUnknownError("Unknown.", { cause: "gone" }),
  IrreversibleError: new errors.IrreversibleError({ ...entity, toVersion: 1, events: [] }),
  UnsupportedError: new errors.UnsupportedError("transactions", "Unsupported."),
  CursorAheadError: new errors.CursorAheadError({ after: 9, head: 4 }),
  StaleBuildError: new errors.StaleBuildError("Stale build."),
} satisfies Record<string, VentydError>;

type ClassName = keyof typeof samples;
const classNames = Object.keys(samples) as ClassName[];
const classOf = (name: ClassName) => new Map(Object.entries(errors)).get(name) as typeof VentydError;

describe("every error class", () => {
  test("stands in the table of samples of this test", () => {
    const exported = Object.entries(errors).filter(([, value]) => typeof value === "function");
    expect(classNames.toSorted()).toEqual(exported.map(([name]) => name).toSorted());
  });

  test.each(classNames)("%s is an Error with its own name, a known code and that code's retryability", (name) => {
    const error: VentydError = samples[name];
    expect(Object.prototype.toString.call(error)).toBe("[object Error]");
    expect(error.name).toBe(name);
    expect(String(error)).toBe(`${name}: ${error.message}`);
    expect(error.message).not.toBe("");
    expect(errors.errorCodes).toContain(error.code);
    expect(error.retryable).toBe(errors.retryableCodes.has(error.code));
    expect(error.stack).toContain("ventyd-error.test");
  });

  test.each(classNames)("%s passes for itself, for VentydError and for Error, and for no class beside it", (name) => {
    const passesFor = classNames.filter((other) => samples[name] instanceof classOf(other));
    const expected = new Set<ClassName>(["VentydError", name]);
    if (name === "EntityExistsError") expected.add("ConcurrencyError");
    expect(new Set(passesFor)).toEqual(expected);
    expect(samples[name]).toBeInstanceOf(Error);
  });

  test("says in `name`, not in an own key, what it is: nothing of it shows up in a log of the error's keys", () => {
    expect(Object.keys(samples.EntityNotFoundError).toSorted()).toEqual([
      "code",
      "entityId",
      "entityName",
      "retryable",
    ]);
    expect(Object.getOwnPropertySymbols(samples.EntityNotFoundError)).toEqual([]);
  });
});

describe("retryable", () => {
  test("is true where doing the same work again may succeed, false where it cannot", () => {
    expect(samples.ConcurrencyError.retryable).toBe(true);
    expect(samples.CommitOutcomeUnknownError.retryable).toBe(true);
    expect(samples.EntityBusyError.retryable).toBe(true);
    expect(samples.EntityExistsError.retryable).toBe(false);
    expect(samples.ValidationError.retryable).toBe(false);
    expect(samples.AttributionError.retryable).toBe(false);
    expect(samples.QueueOverflowError.retryable).toBe(false);
    expect(samples.UnsupportedError.retryable).toBe(false);
  });
});

describe("facts", () => {
  test("B8: a conflict carries the version that is stored, not a placeholder", () => {
    expect(samples.ConcurrencyError).toMatchObject({ ...conflict, code: "concurrency_conflict" });
    expect(samples.ConcurrencyError.message).toMatch(/post "p1" is at version 5, .* version 2/);
  });

  test("EntityExistsError has a code of its own", () => {
    expect(samples.EntityExistsError).toMatchObject({ ...conflict, code: "entity_exists" });
  });

  test("F7: a validation error names event, entity and version, and lists its issues as data", () => {
    const issues = [{ path: ["body", "email"], message: "Invalid email" }];
    const cause = new Error("underneath");
    const facts = { ...entity, eventName: "post:created", eventId: "e1", version: 3, issues, cause };
    expect(new ValidationError("invalid_event", "Validation failed", facts)).toMatchObject(facts);
    const bare = new ValidationError("invalid_text", "Invalid text");
    expect(bare.issues).toEqual([]);
    expect(bare.entityId).toBeUndefined();
    expect("cause" in bare).toBe(false);
  });

  test("a serialization error says where in the value the trouble is", () => {
    expect(new SerializationError("not_json", "Not JSON", ["tags", 0]).path).toEqual(["tags", 0]);
    expect(samples.SerializationError.path).toEqual([]);
  });

  test("an attribution error says in data and in words what is missing", () => {
    const missing = ["actor", "reason"] as const;
    const error = new errors.AttributionError({ ...entity, eventName: "post:approved", missing });
    expect(error).toMatchObject({ ...entity, eventName: "post:approved", missing });
    expect(error.message).toContain("no actor and no reason");
  });

  test("an irreversible error names each event that the rollback would undo", () => {
    const events = [{ eventName: "post:published", eventId: "e3", version: 3 }];
    const error = new errors.IrreversibleError({ ...entity, toVersion: 1, events });
    expect(error).toMatchObject({ ...entity, toVersion: 1, events });
    expect(error.message).toContain('"post:published" (version 3)');
  });

  test("an unknown outcome keeps what the driver said as its cause", () => {
    const cause = new Error("ECONNRESET");
    expect(new CommitOutcomeUnknownError("Unknown", { cause }).cause).toBe(cause);
  });

  test("the other classes keep theirs too", () => {
    expect(samples.CursorAheadError).toMatchObject({ after: 9, head: 4 });
    expect(samples.UnsupportedError.ability).toBe("transactions");
    expect(samples.QueueOverflowError).toMatchObject({ ...entity, maxQueuedEvents: 5 });
    expect(samples.IdempotencyMismatchError).toMatchObject({ ...entity, idempotencyKey: "k" });
    expect(samples.EntityErasedError).toMatchObject(entity);
  });
});

describe("the texts that users of 1.20.4 match on", () => {
  test("E2: a readonly entity", () => {
    expect(samples.ReadonlyEntityError.message).toMatch(/^Entity is readonly/);
  });

  test("E3: a full queue, word for word", () => {
    expect(samples.QueueOverflowError.message).toBe(
      "Event queue overflow: maximum 5 uncommitted events exceeded. Please commit the entity before dispatching more events.",
    );
  });
});

describe("instanceof", () => {
  let copy: typeof errors;
  beforeAll(async () => {
    vi.resetModules();
    copy = await import("./index.ts");
  });

  test("holds across two installed copies of the package, for a class and everything above it", () => {
    expect(copy.VentydError).not.toBe(VentydError);
    const theirs = new copy.EntityExistsError(conflict);
    expect(Object.getPrototypeOf(theirs)).not.toBe(EntityExistsError.prototype);
    expect(theirs).toBeInstanceOf(EntityExistsError);
    expect(theirs).toBeInstanceOf(ConcurrencyError);
    expect(theirs).toBeInstanceOf(VentydError);
    expect(samples.EntityExistsError).toBeInstanceOf(copy.ConcurrencyError);
  });

  test("tells the classes of another copy apart", () => {
    const theirs = new copy.EntityNotFoundError(entity);
    expect(theirs).not.toBeInstanceOf(ConcurrencyError);
    expect(new copy.ConcurrencyError(conflict)).not.toBeInstanceOf(EntityExistsError);
  });

  test("holds for a class that a user derives: its instances are ours, ours are not its", () => {
    class TitleTaken extends ValidationError {
      readonly title: string;
      constructor(title: string) {
        super("invalid_state", `"${title}" is taken`);
        this.title = title;
      }
    }
    const taken = new TitleTaken("Hello");
    expect(taken).toBeInstanceOf(TitleTaken);
    expect(taken).toBeInstanceOf(ValidationError);
    expect(taken).toBeInstanceOf(VentydError);
    expect(taken).toBeInstanceOf(copy.ValidationError);
    expect(taken).not.toBeInstanceOf(ConcurrencyError);
    expect(samples.ValidationError).not.toBeInstanceOf(TitleTaken);
    expect(new copy.ValidationError("invalid_text", "Invalid text")).not.toBeInstanceOf(TitleTaken);

    class LongTitleTaken extends TitleTaken {}
    expect(new LongTitleTaken("Hello")).toBeInstanceOf(TitleTaken);
    expect(taken).not.toBeInstanceOf(LongTitleTaken);
    expect(taken).toMatchObject({ code: "invalid_state", retryable: false, title: "Hello" });
  });

  test("does not take two classes for one because users gave them the same name as ours", () => {
    const Foreign = class ValidationError extends Error {};
    expect(new Foreign()).not.toBeInstanceOf(ValidationError);
    expect(Object.assign(new Error("x"), { name: "ValidationError", code: "invalid_text" })).not.toBeInstanceOf(
      VentydError,
    );
  });

  test.each([null, undefined, 0, "ValidationError", Symbol("x"), {}, () => {}, new Error("x")])(
    "is false for %s",
    (value) => {
      expect((value as unknown) instanceof VentydError).toBe(false);
      expect((value as unknown) instanceof EntityNotFoundError).toBe(false);
      class Mine extends UnsupportedError {}
      expect((value as unknown) instanceof Mine).toBe(false);
    },
  );
});
