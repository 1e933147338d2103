import {
  CommitOutcomeUnknownError,
  ConcurrencyError,
  createRepository,
  EntityExistsError,
  EntityNotFoundError,
  type StoredEvent,
} from "ventyd";
import { nothing } from "../fold.ts";
import { defineLedger, seen } from "../ledger.ts";
import { Busy, monotonic, pause, type Role, sayError } from "./role.ts";

/** How often an entity's state is kept, in events. */
const snapshots = { frequency: 10 };

const who = { actor: "somebody", reason: "to be proven" };

/** Loads and changes entities by a repository: mutations with retry, keys, rollbacks, several at once, transactions, snapshots. */
export const mutate: Role = async ({ store, name, next, slow, say, signal }) => {
  const busy = new Busy();
  const upTo = (n: number) => Math.floor(next() * n);
  let commit = "";
  let attempts = 0;
  let isUnderWay = false;
  /** Says what is about to be committed; what was tried before under this name has come to nothing. */
  const intend = (events: readonly string[], key?: string) => {
    if (isUnderWay) refuse();
    isUnderWay = true;
    say({ kind: "intent", commit: `${commit}/${++attempts}`, events, ...(key !== undefined && { key }) });
  };
  const refuse = () => {
    if (isUnderWay) say({ kind: "refused", commit: `${commit}/${attempts}` });
    isUnderWay = false;
  };
  const acknowledge = (events: readonly StoredEvent[], key?: string) => {
    isUnderWay = false;
    const told = { commit: `${commit}/${attempts}`, events: events.map(seen), at: monotonic() };
    say({ kind: "acknowledged", ...told, ...(key !== undefined && { key }) });
  };
  const Ledger = defineLedger(() => {
    const eventId = `${commit}/${attempts + 1}/back`;
    intend([eventId]);
    return eventId;
  });
  type Ledger = InstanceType<typeof Ledger>;
  // A snapshot that could not be kept is no failure: whether those that are kept are true is judged.
  const ledgers = createRepository(Ledger, { adapter: store, snapshot: snapshots, onWarning: () => {} });

  /** Adds numbers, as one attempt of what is to be committed. */
  const add = (some: readonly Ledger[], key?: string) => {
    const ids = some.map((ledger) =>
      Array.from({ length: 1 + upTo(3) }, (_, n) => `${commit}/${attempts + 1}/${ledger.entityId}/${n}`),
    );
    intend(ids.flat(), key);
    for (const [index, ledger] of some.entries()) for (const id of ids[index] as string[]) ledger.add(upTo(1e6), id);
  };
  const open = async (entityId: string) => {
    intend([`${commit}/${attempts + 1}/open`]);
    const created = await ledgers.create({
      entityId,
      eventId: `${commit}/${attempts}/open`,
      body: { number: upTo(1e6) },
    });
    acknowledge(created.events);
  };
  const change = async (entityId: string, key?: string) => {
    const options = { retries: 5, ...(key !== undefined && { idempotencyKey: key }) };
    const { events } = await ledgers.mutate({ entityId }, (ledger) => add([ledger as Ledger], key), options);
    acknowledge(events, key);
  };
  const find = async (entityId: string) => {
    const askedAt = monotonic();
    const found = await ledgers.findOne({ entityId });
    const { version = 0, state = nothing } = found ?? {};
    say({ kind: "found", by: name, entityId, askedAt, version, state });
    return found as Ledger | null;
  };

  const changeSeveral = async (entityIds: readonly string[]) => {
    const some = (await Promise.all(entityIds.map(find))).filter((one) => one !== null);
    if (some.length === 0) return;
    add(some);
    for (let tries = 3; ; tries--) {
      try {
        acknowledge((await ledgers.commit(some)).flatMap(({ events }) => events));
        return;
      } catch (error) {
        // Entities keep what nobody knows of: committing them again settles it.
        if (!(error instanceof CommitOutcomeUnknownError) || tries === 0) throw error;
      }
    }
  };
  const changeInTransaction = async (entityId: string) => {
    const isAborted = next() < 0.3;
    const aborted = new Error("aborted");
    const milliseconds = next() < slow ? 200 + upTo(1000) : upTo(20);
    let events: readonly StoredEvent[] = [];
    try {
      await store.transaction(async () => {
        ({ events } = await ledgers.mutate({ entityId }, (ledger) => add([ledger as Ledger])));
        await pause(milliseconds);
        if (isAborted) throw aborted;
      });
    } catch (error) {
      if (error !== aborted) throw error;
      return refuse();
    }
    acknowledge(events);
  };

  for (let count = 0; !signal.aborted; count++) {
    [commit, attempts, isUnderWay] = [`${name}-${count}`, 0, false];
    const { entityId, isAt } = busy.pick(next);
    const way = next();
    try {
      if (way < 0.35) await change(entityId);
      // Others come with the same key at the same time.
      else if (way < 0.5) await change(entityId, `key${Math.floor(Date.now() / 500)}`);
      else if (way < 0.6) {
        const found = await find(entityId);
        isAt(found?.version ?? 0);
        const target = { entityId, toVersion: 1 + upTo(found?.version ?? 1) };
        if (found !== null && target.toVersion < found.version)
          acknowledge((await ledgers.rollback(target, who)).events);
      } else if (way < 0.7) await changeSeveral([...new Set([entityId, busy.pick(next).entityId])]);
      else if (way < 0.8) await changeInTransaction(entityId);
      else if (way < 0.85) await open(`${commit}.own`);
      else isAt((await find(entityId))?.version ?? 0);
    } catch (error) {
      if (error instanceof ConcurrencyError || error instanceof EntityExistsError) refuse();
      if (error instanceof EntityNotFoundError) await open(entityId).catch((created) => sayError(say, created));
      else {
        sayError(say, error);
        await pause(10);
      }
    }
  }
};
