import type { EventStore, Json, Metadata, StoredEvent } from "ventyd";

/** What a defect makes of the methods of a good store. */
export type Defect = (store: EventStore) => Partial<EventStore>;

/** Defects that a store may have, each with the case of the contract that must notice. */
export const storeDefects: readonly (readonly [defect: string, caseThatFails: string, plant: Defect])[] = [
  [
    "ignores expectedVersion",
    "A4: of 50 racing appends to one version of an entity one is written",
    ({ append }) => ({
      append: (commits, options) =>
        append(
          commits.map((commit) => ({ ...commit, expectedVersion: "any", expectedEventId: undefined })),
          options,
        ),
    }),
  ],
  [
    "ignores which event is expected at the version",
    "the current version, but another event has it: conflict",
    ({ append }) => ({
      append: (commits, options) =>
        append(
          commits.map((commit) => ({ ...commit, expectedEventId: undefined })),
          options,
        ),
    }),
  ],
  [
    "says of a conflict that version -1 is stored",
    "B8: a conflict names the version that is stored",
    ({ append }) => ({
      append: async (...args) =>
        (await append(...args)).map((row) => (row.status === "conflict" ? { ...row, actualVersion: -1 } : row)),
    }),
  ],
  [
    "does not recognise a duplicate",
    "answers the same retry with the original versions, positions and times",
    ({ append }) => ({
      append: async (...args) =>
        (await append(...args)).map((row) => (row.status === "duplicate" ? { ...row, status: "written" } : row)),
    }),
  ],
  [
    "writes what it can of several commits",
    "writes nothing when commit 1 is refused (conflict, r)",
    ({ append }) => ({
      append: async (commits, options) => {
        const rows = [];
        for (const commit of commits) rows.push(...(await append([commit], options)));
        return rows;
      },
    }),
  ],
  [
    "forgets idempotency keys",
    "answers a second commit with the first, whatever its ids and expected version",
    ({ append }) => ({
      append: (commits, options) =>
        append(
          commits.map((commit) => ({ ...commit, idempotencyKey: undefined })),
          options,
        ),
    }),
  ],
  [
    "loses metadata",
    "comes back unchanged, each key in its place",
    ({ loadHistory }) => ({
      loadHistory: async (...args) => (await loadHistory(...args)).map((event) => ({ ...event, metadata: {} })),
    }),
  ],
  [
    "normalises text",
    "a body comes back unchanged: text of every plane",
    ({ load }) => ({
      load: async (...args) =>
        (await load(...args)).map((event) => ({
          ...event,
          body: JSON.parse(JSON.stringify(event.body).normalize()),
        })),
    }),
  ],
  [
    "sorts the keys of bodies",
    "a body comes back unchanged: keys in the order given, numbers among them",
    ({ load }) => ({
      load: async (...args) =>
        (await load(...args)).map((event) => ({
          ...event,
          body: Object.fromEntries(Object.entries(event.body as object).sort()),
        })),
    }),
  ],
  [
    "takes every body for its schema's output",
    "whether a body is what its schema made of the input comes back with each event",
    ({ load }) => ({
      load: async (...args) => (await load(...args)).map((event) => ({ ...event, bodyIsOutput: true })),
    }),
  ],
  [
    "gives events in another order",
    "gives the events of one entity in version order, and of no other",
    ({ load }) => ({ load: async (...args) => (await load(...args)).toReversed() }),
  ],
  [
    "compares times as texts",
    "compares instants, not texts",
    ({ load }) => ({
      load: async ({ at, ...query }, options) => {
        const events = await load(query, options);
        return at === undefined
          ? events
          : events.filter(({ eventCreatedAt }) => eventCreatedAt <= new Date(at).toISOString());
      },
    }),
  ],
  [
    "leaves out what was recorded later, in the middle of a stream",
    "never shows an event without those before it, though the clock went back",
    ({ load, loadHistory }) => ({
      load: async ({ knownAt, ...query }, options) => {
        const happened = (event: StoredEvent) => knownAt === undefined || event.version % 2 === 1;
        const kept = new Set(
          (await loadHistory({ ...query, knownAt }, options)).filter(happened).map((e) => e.eventId),
        );
        return (await load(query, options)).filter(({ eventId }) => kept.has(eventId));
      },
    }),
  ],
  [
    "loads up to a position that is not decided",
    "above the last one is an error that names both: what will stand there is not decided",
    ({ load, status }) => ({
      load: async ({ position = 0, ...query }, options) =>
        load({ ...query, position: Math.min(position, (await status()).frontier) }, options),
    }),
  ],
  [
    "skips an event when it reads the log",
    "goes on over many pages, in both directions, and stops at the limit",
    ({ read }) => ({
      async *read(options) {
        for await (const event of read(options)) if (event.position !== 257) yield event;
      },
    }),
  ],
  [
    "takes the end of a span of time into it",
    "filters by the time of recording: from an instant on, and before another",
    ({ read }) => ({
      read: ({ recordedBefore, ...options } = {}) =>
        read({
          ...options,
          ...(recordedBefore !== undefined && { recordedBefore: new Date(new Date(recordedBefore).getTime() + 1) }),
        }),
    }),
  ],
  [
    "takes a cursor beyond the log for its end",
    "a cursor above the head is an error that names both",
    ({ read }) => ({
      async *read(options) {
        try {
          yield* read(options);
        } catch {}
      },
    }),
  ],
  [
    "shows a reader what a transaction takes back",
    "writes nothing when its callback rejects, and rejects with the very same error",
    () => ({ transaction: async (work) => work({ client: {} }) }),
  ],
  [
    "lists entities in the order of UTF-16",
    "stand in the order of the UTF-8 bytes of their ids",
    ({ entities }) => ({
      entities: async (options) => [...(await entities(options))].sort((a, b) => (a.entityId < b.entityId ? -1 : 1)),
    }),
  ],
  [
    "returns a snapshot of another fingerprint",
    "of another fingerprint, or of one asked for without, are not found",
    ({ getSnapshot, saveSnapshot }) => ({
      getSnapshot: ({ fingerprint: _, ...args }) => getSnapshot(args),
      saveSnapshot: ({ fingerprint: _, ...args }) => saveSnapshot(args),
    }),
  ],
  [
    "leaves a body behind when it erases",
    "empties every body, and takes the metadata that is the application's own",
    ({ loadHistory }) => ({
      loadHistory: async (...args) =>
        (await loadHistory(...args)).map((event) => (event.version === 1 ? { ...event, body: { secret: 1 } } : event)),
    }),
  ],
  [
    "erases without a word who did it",
    "without an actor or a reason is refused, and nothing happens",
    ({ erase }) => ({
      erase: (args, options) => erase(args, { actor: "system", reason: "unknown", ...options }),
    }),
  ],
  [
    "renumbers what it imports",
    "is refused when versions before it are missing: nothing of its page is written",
    ({ append }) => ({
      import: async (events) => {
        let imported = 0;
        for await (const { metadata = {}, ...event } of events) {
          const newEvent = { ...event, metadata: metadata as Metadata, body: event.body as Json, bodyIsOutput: false };
          await append([{ ...event, expectedVersion: "any", events: [newEvent] }]);
          imported++;
        }
        return { imported, skipped: 0 };
      },
    }),
  ],
  [
    "tells a subscription of an event twice",
    "catches up from a position, then tells of what is stored",
    ({ subscribe }) => ({
      async *subscribe(options) {
        for await (const event of subscribe(options)) {
          yield event;
          if (event.eventId === "e3") yield event;
        }
      },
    }),
  ],
  [
    "begins every subscription at the start of the log",
    "without a position tells of what is stored after the call, also if the loop begins later",
    ({ subscribe }) => ({ subscribe: (options) => subscribe({ after: 0, ...options }) }),
  ],
  [
    "begins a subscription when its loop begins",
    "without a position tells of what is stored after the call, also if the loop begins later",
    ({ subscribe }) => ({
      async *subscribe(options) {
        yield* subscribe(options);
      },
    }),
  ],
  [
    "answers calls after it was closed",
    "waits for what is under way; every call after it is refused",
    () => ({ close: async () => {} }),
  ],
  [
    "says that memory survives a loss of power",
    "says what an acknowledged commit survives, and why",
    ({ status }) => ({
      status: async () => ({ ...(await status()), durability: { survives: "power_loss", because: "it is said so" } }),
    }),
  ],
];
