import fc from "fast-check";
import type { Json, Metadata, StoredEvent } from "ventyd";
import { describe, expect, test } from "vitest";
import { appendOne, type CreateStore, commitOf, readAll, storedIds, upTo, write } from "./events.ts";

/** Nested lists, `depth` of them. */
function nested(depth: number): Json {
  let value: Json = "core";
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { level: value };
  return value;
}

const hostileKeys = JSON.parse(
  '{"__proto__":{"polluted":true},"constructor":1,"toString":null,"hasOwnProperty":[],"":"empty","a.b":1,"a/b":1,"~0":1,"$ref":1,"\\u0000":1}',
) as Json;

const bodies: readonly (readonly [string, Json])[] = [
  ["null", null],
  ["true", true],
  ["zero", 0],
  ["an empty text", ""],
  ["an empty list", []],
  ["an empty object", {}],
  ["keys in the order given, numbers among them", JSON.parse('{"z":1,"a":2,"10":3,"9":4,"m":{"y":1,"b":2}}') as Json],
  ["U+0000 in a text and in a key", { "a\u0000b": "c\u0000d\u0000" }],
  ["halves of surrogate pairs", { "\ud800": "\udc00", text: "a\ud83d", swapped: "\ude00\ud83d" }],
  ["text of every plane", { text: 'é \u2028\u2029 \uffff \u{1f600} \u{10ffff} \r\n\t\b\f"\\/ e\u0301' }],
  ["the edges of safe integers", [2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53) + 1, -(2 ** 53)]],
  ["large and small numbers", [1e308, -1e308, Number.MAX_VALUE, Number.MIN_VALUE, 5e-324, 0.1 + 0.2, 1e21, 1e-7]],
  ["what looks like other types", ["1", "null", "true", "2024-01-01T00:00:00Z", "1e5", "0x10", "NaN"]],
  ["hostile keys", hostileKeys],
  ["a deep nesting", nested(450)],
  ["many keys", Object.fromEntries(upTo(2_000).map((n) => [`key ${n}`, n]))],
];

/** What "unchanged" means for values, ids and metadata. */
export function valueCases(createStore: CreateStore): void {
  const thing = { entityName: "thing", entityId: "t" };

  describe("values", () => {
    test.for(bodies)("a body comes back unchanged: %s", async ([, body]) => {
      const store = await createStore();
      const text = JSON.stringify(body);
      const [written] = await write(store, commitOf("t", 0, [{ body }]));
      const [loaded] = await store.load(thing);
      const [recounted] = await store.loadHistory(thing);
      const [read] = await readAll(store);
      for (const event of [written, loaded, recounted, read]) expect(JSON.stringify(event?.body)).toBe(text);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    });

    test("any JSON comes back unchanged, as a body, in metadata and in a snapshot", async () => {
      const store = await createStore();
      let version = 0;
      await fc.assert(
        fc.asyncProperty(fc.jsonValue({ stringUnit: "binary", noUnicodeString: false } as object), async (json) => {
          const value = json as Json;
          await write(store, commitOf("t", version, [{ body: value, metadata: { custom: value } }]));
          await store.saveSnapshot({ ...thing, version: version + 1, state: value });
          const [loaded] = await store.load({ ...thing, afterVersion: version });
          const [recounted] = await store.loadHistory({ ...thing, afterVersion: version });
          const text = JSON.stringify(value);
          expect(JSON.stringify(loaded?.body)).toBe(text);
          expect(JSON.stringify(recounted?.metadata.custom)).toBe(text);
          expect(JSON.stringify((await store.getSnapshot(thing))?.state)).toBe(text);
          version++;
        }),
        { numRuns: 200 },
      );
    });

    test("a body of 1 MiB comes back unchanged, one byte more is refused, and nothing is written", async () => {
      const store = await createStore();
      const mebibyte = 1024 * 1024;
      const fits = "x".repeat(mebibyte - 2);
      await write(store, commitOf("t", 0, [{ body: fits }]));
      expect((await store.load(thing))[0]?.body).toBe(fits);
      await expect(
        store.append([commitOf("u", 0, ["u1"]), commitOf("t", 1, [{ body: `${fits}x` }])]),
      ).rejects.toMatchObject({
        code: "body_too_large",
      });
      expect(await readAll(store)).toHaveLength(1);
    });

    test("the size of a body is counted in bytes of its JSON in UTF-8", async () => {
      const store = await createStore({ maxBodyBytes: 10 });
      // Quotes are two bytes: eight are left.
      const fitting = ["12345678", "éééé", "\u{1f600}\u{1f600}", "\u20ac\u20acab", "\n\n\n\n", "\u0000ab"];
      const larger = ["123456789", "ééééa", "\u{1f600}\u{1f600}a", "\u20ac\u20acabc", "\n\n\n\na", "\u0000abc"];
      for (const body of fitting) await write(store, commitOf("t", "any", [{ body }]));
      for (const body of larger) {
        await expect(store.append([commitOf("t", "any", [{ body }])]), JSON.stringify(body)).rejects.toMatchObject({
          code: "body_too_large",
        });
      }
      expect((await store.load(thing)).map(({ body }) => body)).toEqual(fitting);
    });

    test("metadata comes back unchanged, each key in its place", async () => {
      const store = await createStore();
      const custom = JSON.parse(
        '{"__proto__":{"polluted":true},"constructor":1,"ip":"::1","nested":{"b":1,"a":[null,"\\u0000","\\ud800"]},"":0,"position":5,"body":"no"}',
      ) as Metadata;
      const all: Metadata = {
        actor: "alice",
        reason: "a\nb ' \" \\",
        correlationId: "c-1",
        causationId: "e-0",
        ...custom,
      };
      const commits: Metadata[] = [
        {},
        { actor: "alice" },
        { reason: "only why" },
        { correlationId: "c" },
        { causationId: "e" },
        custom,
        all,
      ];
      await write(
        store,
        commitOf(
          "t",
          0,
          commits.map((metadata) => ({ metadata })),
        ),
      );
      for (const events of [await store.loadHistory(thing), await readAll(store)]) {
        expect(events.map(({ metadata }) => metadata)).toEqual(commits);
        expect(Object.hasOwn(events[5]?.metadata as object, "__proto__")).toBe(true);
        expect(Object.getPrototypeOf(events[5]?.metadata)).toBe(Object.prototype);
      }
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    });

    test("no two events share an object, neither with each other nor with what was handed in", async () => {
      const store = await createStore();
      const body = { list: [1] };
      const metadata = { custom: { a: 1 } };
      await write(
        store,
        commitOf("t", 0, [
          { body, metadata },
          { body, metadata },
        ]),
      );
      body.list.push(2);
      metadata.custom.a = 2;
      const [first, second] = (await store.loadHistory(thing)) as [StoredEvent, StoredEvent];
      expect(first.body).toEqual({ list: [1] });
      expect(first.metadata).toEqual({ custom: { a: 1 } });
      (first.body as unknown as { list: number[] }).list.push(3);
      expect(second.body).toEqual({ list: [1] });
      expect((await store.load(thing))[0]?.body).toEqual({ list: [1] });
    });
  });

  describe("ids", () => {
    const alike = [
      "a",
      "A",
      "a ",
      " a",
      "á",
      "a\u0301",
      "ａ",
      "a\t",
      "ä",
      "ae",
      "æ",
      "ß",
      "ss",
      "SS",
      "i",
      "I",
      "İ",
      "ı",
    ];

    test("are compared byte for byte: case, accents, blanks and look-alikes are different entities", async () => {
      const store = await createStore();
      await store.append(alike.map((id, index) => commitOf(id, 0, [`e${index}`])));
      for (const [index, id] of alike.entries()) expect(await storedIds(store, id), id).toEqual([`e${index}`]);
      const listed = await store.entities({ entityName: "thing" });
      expect(new Set(listed.map(({ entityId }) => entityId))).toEqual(new Set(alike));
    });

    test("of events, keys, actors and names are compared byte for byte too", async () => {
      const store = await createStore();
      await store.append(
        alike.map((text) =>
          commitOf(
            "t",
            0,
            [{ eventId: text, eventName: `${text}:x`, metadata: { actor: text, correlationId: text } }],
            {
              entityName: text,
              idempotencyKey: text,
            },
          ),
        ),
      );
      for (const text of alike) {
        for (const filter of [
          { entityNames: [text] },
          { eventNames: [`${text}:x`] },
          { actors: [text] },
          { correlationIds: [text] },
        ]) {
          expect(
            (await readAll(store, filter)).map(({ eventId }) => eventId),
            text,
          ).toEqual([text]);
        }
        const key = { entityName: text, entityId: "t", idempotencyKey: "a" };
        expect((await store.findByIdempotencyKey(key)) !== null, text).toBe(text === "a");
      }
    });

    test("of 255 bytes are kept whole", async () => {
      const store = await createStore();
      const long = ["x".repeat(255), `${"x".repeat(254)}y`, "é".repeat(127), `${"\u{1f600}".repeat(63)}abc`];
      await store.append(
        long.map((id) =>
          commitOf(id, 0, [{ eventId: id, metadata: { actor: id, correlationId: id, causationId: id } }]),
        ),
      );
      for (const id of long) expect(await storedIds(store, id)).toEqual([id]);
      expect((await readAll(store)).map(({ metadata }) => metadata.actor)).toEqual(long);
    });

    test("one id in two entity names is two entities", async () => {
      const store = await createStore();
      await write(store, commitOf("t", 0, ["e1", "e2"]));
      await write(store, commitOf("t", 0, ["e3"], { entityName: "gadget" }));
      expect(await appendOne(store, commitOf("t", 1, ["e4"], { entityName: "gadget" }))).toMatchObject({ version: 2 });
      expect(await storedIds(store, "t")).toEqual(["e1", "e2"]);
      expect(await storedIds(store, "t", "gadget")).toEqual(["e3", "e4"]);
      expect(await store.entities({ entityName: "gadget" })).toMatchObject([{ entityId: "t", version: 2 }]);
    });

    test("that are no Unicode find nothing, not the entity that they look like", async () => {
      const store = await createStore();
      await write(store, commitOf("\ufffd", 0, ["e1"]));
      const find = async (entityId: string) => store.load({ entityName: "thing", entityId }).catch(() => []);
      expect(await find("\ufffd")).toHaveLength(1);
      expect(await find("\ud800")).toEqual([]);
      expect(await find("\udfff")).toEqual([]);
    });
  });
}
