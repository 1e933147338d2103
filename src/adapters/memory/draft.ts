import type { StoredEvent } from "../../schema/event.ts";
import {
  type EncodedEvent,
  erasedMetadataText,
  type InsertAt,
  insertedEvent,
  type LogAccess,
  type StreamEnd,
  type StreamName,
  toStoredEvent,
  type WorkResult,
} from "../../storage/index.ts";
import type { Contents, Row, View } from "./contents.ts";
import { eventsOfKey } from "./queries.ts";
import { type Snapshot, snapshotKey, withSnapshot } from "./snapshots.ts";

const noEnd: StreamEnd = { version: 0, createdMs: 0, recordedMs: 0, isErased: false };

/**
 * What a transaction has changed so far, or one step inside it. New rows stand in the contents already, beyond their head; what it changes in
 * older ones waits here, for others go on reading those.
 */
export class Draft implements LogAccess, View {
  readonly #contents: Contents;
  readonly #outer: Draft | undefined;
  readonly #start: number;
  #emptied: Map<Row, Row> | undefined;
  #snapshots: Map<string, readonly Snapshot[]> | undefined;

  /** @param outer the transaction that this is a step of. */
  constructor(contents: Contents, outer?: Draft) {
    this.#contents = contents;
    this.#outer = outer;
    this.#start = contents.log.length;
  }

  /** Runs synchronous work as a step of a transaction, or as one by itself. */
  static run<T>(contents: Contents, outer: Draft | undefined, work: (draft: Draft) => WorkResult<T>): T {
    const draft = new Draft(contents, outer);
    let kept = false;
    try {
      const { value, keep } = work(draft);
      if (keep) draft.keep();
      kept = keep;
      return value;
    } finally {
      if (!kept) draft.takeBack();
    }
  }

  /** Hands the changes over to the transaction around them, or to everybody. */
  keep(): void {
    if (this.#outer !== undefined) {
      for (const [row, emptied] of this.#emptied ?? []) this.#outer.#setEmptied(row, emptied);
      for (const [key, snapshots] of this.#snapshots ?? []) this.#outer.#setSnapshots(key, snapshots);
      return;
    }
    for (const [row, emptied] of this.#emptied ?? []) Object.assign(row, emptied);
    for (const [key, snapshots] of this.#snapshots ?? []) this.#contents.setSnapshots(key, snapshots);
    this.#contents.head = this.#contents.log.length;
  }

  takeBack(): void {
    this.#contents.truncate(this.#start);
  }

  get head(): number {
    return this.#contents.log.length;
  }

  current(row: Row): Row {
    return this.#emptied?.get(row) ?? this.#outer?.current(row) ?? row;
  }

  snapshots(key: string): readonly Snapshot[] {
    return this.#snapshots?.get(key) ?? (this.#outer ?? this.#contents).snapshots(key);
  }

  saveSnapshot(stream: StreamName, snapshot: Snapshot): void {
    // One that was on its way while the entity was erased would bring back what is gone.
    if (this.end(stream).isErased) return;
    const key = snapshotKey(stream);
    this.#setSnapshots(key, withSnapshot(this.snapshots(key), snapshot));
  }

  end(stream: StreamName): StreamEnd {
    // As it is, also within an erasure: what that has appended is the end.
    return this.#contents.stream(stream)?.rows.at(-1) ?? noEnd;
  }

  events(stream: StreamName, firstVersion: number, count: number): readonly StoredEvent[] {
    return this.#rows(stream, firstVersion, count).map((row) => toStoredEvent(this.current(row)));
  }

  eventIds(stream: StreamName, firstVersion: number, count: number): readonly string[] {
    return this.#rows(stream, firstVersion, count).map(({ eventId }) => eventId);
  }

  versionOf({ entityName, entityId }: StreamName, eventId: string): number | undefined {
    const row = this.#contents.rowsById.get(eventId);
    return row?.entityName === entityName && row.entityId === entityId ? row.version : undefined;
  }

  eventsOfKey(stream: StreamName, key: string): readonly StoredEvent[] | undefined {
    return eventsOfKey(this.#contents, this, stream, key);
  }

  insert({ entityName, entityId }: StreamName, encoded: EncodedEvent, at: InsertAt): StoredEvent | undefined {
    const { event, createdMs, bodyText, metadataText } = encoded;
    const { eventId, eventName, eventCreatedAt, metadata, bodyIsOutput, isErased = false } = event;
    if (this.#contents.rowsById.has(eventId)) return undefined;
    const position = this.#contents.log.length + 1;
    const row: Row = {
      position,
      entityName,
      entityId,
      version: at.version,
      eventId,
      eventName,
      eventCreatedAt,
      createdMs,
      recordedMs: at.recordedMs,
      actor: metadata.actor ?? null,
      correlationId: metadata.correlationId ?? null,
      bodyText,
      metadataText,
      bodyIsOutput,
      isErased,
      key: at.key?.text,
    };
    this.#contents.add(row, at.key?.size);
    return insertedEvent(row, event, at, position);
  }

  empty(stream: StreamName): void {
    for (const row of this.#contents.stream(stream)?.rows ?? []) {
      const metadataText = erasedMetadataText(row.metadataText);
      this.#setEmptied(row, { ...row, bodyText: "null", metadataText, isErased: true });
    }
    this.#setSnapshots(snapshotKey(stream), []);
  }

  #rows(stream: StreamName, firstVersion: number, count: number): readonly Row[] {
    return this.#contents.stream(stream)?.rows.slice(firstVersion - 1, firstVersion - 1 + count) ?? [];
  }

  #setEmptied(row: Row, emptied: Row): void {
    this.#emptied ??= new Map();
    this.#emptied.set(row, emptied);
  }

  #setSnapshots(key: string, snapshots: readonly Snapshot[]): void {
    this.#snapshots ??= new Map();
    this.#snapshots.set(key, snapshots);
  }
}
