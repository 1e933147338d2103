import type { StoredEvent } from "../../schema/event.ts";
import {
  type EncodedEvent,
  erasedMetadataText,
  type InsertAt,
  insertedEvent,
  type LogAccess,
  type StreamEnd,
  type StreamName,
} from "../../storage/index.ts";

/** A stored event, and what it keeps of an idempotency key. */
export interface GatheredEvent {
  readonly event: StoredEvent;
  readonly key: string | null;
  readonly keySize: number | null;
}

/** An event that is to be inserted. */
export interface PendingInsert {
  readonly stream: StreamName;
  readonly encoded: EncodedEvent;
  readonly at: InsertAt;
  bodyText: string;
  metadataText: string | null;
  isErased: boolean;
  /** What the caller is answered; its position is known once it is inserted. */
  readonly answer: { -readonly [K in keyof StoredEvent]: StoredEvent[K] };
}

/**
 * What deciding needs to know of the log, fetched in few statements beforehand, and what it comes to, to be written in few afterwards: so a database
 * behind a network runs the same decisions as one that answers at once.
 */
export class GatheredLog implements LogAccess {
  readonly inserts: PendingInsert[] = [];
  /** Entities whose stored contents are to be erased, before the inserts. */
  readonly emptied: StreamName[] = [];
  readonly #ends: Map<string, StreamEnd>;
  readonly #byStream = new Map<string, GatheredEvent[]>();
  readonly #ids: Set<string>;

  /** @param events in the order of their versions. */
  constructor(ends: ReadonlyMap<string, StreamEnd>, events: readonly GatheredEvent[]) {
    this.#ends = new Map(ends);
    this.#ids = new Set(events.map(({ event }) => event.eventId));
    for (const gathered of events) {
      const stream = nameOf(gathered.event);
      const known = this.#byStream.get(stream);
      if (known === undefined) this.#byStream.set(stream, [gathered]);
      else known.push(gathered);
    }
  }

  end(stream: StreamName): StreamEnd {
    return this.#ends.get(nameOf(stream)) ?? noEnd;
  }

  events(stream: StreamName, firstVersion: number, count: number): readonly StoredEvent[] {
    return this.#of(stream)
      .filter(({ event: { version } }) => version >= firstVersion && version < firstVersion + count)
      .map(({ event }) => event);
  }

  eventIds(stream: StreamName, firstVersion: number, count: number): readonly string[] {
    return this.events(stream, firstVersion, count).map(({ eventId }) => eventId);
  }

  versionOf(stream: StreamName, eventId: string): number | undefined {
    return this.#of(stream).find(({ event }) => event.eventId === eventId)?.event.version;
  }

  eventsOfKey(stream: StreamName, key: string): readonly StoredEvent[] | undefined {
    const first = this.#of(stream).find((gathered) => gathered.key === key);
    return first && this.events(stream, first.event.version, first.keySize as number);
  }

  insert(stream: StreamName, encoded: EncodedEvent, at: InsertAt): StoredEvent | undefined {
    const { eventId } = encoded.event;
    if (this.#ids.has(eventId)) return undefined;
    this.#ids.add(eventId);
    const answer = insertedEvent(stream, encoded.event, at, 0);
    const { bodyText, metadataText, event } = encoded;
    this.inserts.push({ stream, encoded, at, bodyText, metadataText, isErased: event.isErased === true, answer });
    const name = nameOf(stream);
    const gathered = { event: answer, key: at.key?.text ?? null, keySize: at.key?.size ?? null };
    const known = this.#byStream.get(name);
    if (known === undefined) this.#byStream.set(name, [gathered]);
    else known.push(gathered);
    this.#ends.set(name, {
      version: at.version,
      eventId,
      createdMs: encoded.createdMs,
      recordedMs: at.recordedMs,
      isErased: encoded.event.isErased === true || this.end(stream).isErased,
    });
    return answer;
  }

  empty(stream: StreamName): void {
    this.emptied.push(stream);
    for (const insert of this.inserts) {
      if (nameOf(insert.stream) !== nameOf(stream)) continue;
      insert.bodyText = "null";
      insert.metadataText = erasedMetadataText(insert.metadataText);
      insert.isErased = true;
    }
    this.#ends.set(nameOf(stream), { ...this.end(stream), isErased: true });
  }

  #of(stream: StreamName): readonly GatheredEvent[] {
    return this.#byStream.get(nameOf(stream)) ?? [];
  }
}

const noEnd: StreamEnd = { version: 0, createdMs: 0, recordedMs: 0, isErased: false };

/** An entity's name and id as one key. */
export function nameOf({ entityName, entityId }: StreamName): string {
  return JSON.stringify([entityName, entityId]);
}
