import type { EventRow, StreamName } from "../../storage/index.ts";
import { compareUtf8 } from "../../util/utf8-order.ts";
import type { Snapshot } from "./snapshots.ts";

/** An event as it lies in memory. */
export interface Row extends EventRow {
  readonly createdMs: number;
  /** The idempotency key that begins with this event. */
  readonly key: string | undefined;
}

/** The events of one entity; that of version n has index n - 1. */
export interface Stream {
  readonly entityId: string;
  readonly rows: Row[];
  /** Where the events of each idempotency key begin, and how many they are. */
  keys: Map<string, { readonly version: number; readonly size: number }> | undefined;
}

/** The entities of one name. */
interface Kind {
  readonly streams: Map<string, Stream>;
  /** In the order of their ids. */
  sorted: Stream[];
  /** Not sorted in yet: that is done when somebody asks for the list. */
  added: Stream[];
}

/** What a reader may see. */
export interface View {
  /** Nothing beyond this position. */
  readonly head: number;
  /** A row as it stands for this reader. */
  current(row: Row): Row;
  snapshots(key: string): readonly Snapshot[];
}

/**
 * What the store holds. Rows beyond `head` belong to a transaction that is open: everybody else reads up to it. What that transaction changes in
 * the rows before waits in its draft.
 */
export class Contents implements View {
  /** The row of position n has index n - 1. */
  readonly log: Row[] = [];
  readonly rowsById = new Map<string, Row>();
  /** Highest position that has been committed. */
  head = 0;
  readonly #kinds = new Map<string, Kind>();
  readonly #snapshots = new Map<string, readonly Snapshot[]>();

  stream({ entityName, entityId }: StreamName): Stream | undefined {
    return this.#kinds.get(entityName)?.streams.get(entityId);
  }

  current(row: Row): Row {
    return row;
  }

  snapshots(key: string): readonly Snapshot[] {
    return this.#snapshots.get(key) ?? [];
  }

  setSnapshots(key: string, snapshots: readonly Snapshot[]): void {
    if (snapshots.length === 0) this.#snapshots.delete(key);
    else this.#snapshots.set(key, snapshots);
  }

  /** @param keySize how many events the row's key stands for. */
  add(row: Row, keySize = 0): void {
    const stream = this.stream(row) ?? this.#addStream(row);
    this.log.push(row);
    stream.rows.push(row);
    this.rowsById.set(row.eventId, row);
    if (row.key === undefined) return;
    stream.keys ??= new Map();
    stream.keys.set(row.key, { version: row.version, size: keySize });
  }

  /** Takes back all rows beyond a position, and whatever leads to them. */
  truncate(position: number): void {
    while (this.log.length > position) {
      const row = this.log.pop() as Row;
      const stream = this.stream(row) as Stream;
      stream.rows.pop();
      this.rowsById.delete(row.eventId);
      if (row.key !== undefined) stream.keys?.delete(row.key);
      if (stream.rows.length === 0) this.#kinds.get(row.entityName)?.streams.delete(row.entityId);
    }
  }

  /** The entities of one name by the UTF-8 bytes of their ids. Costs something only where there are new ones since it was last asked for. */
  sorted(entityName: string): readonly Stream[] {
    const kind = this.#kinds.get(entityName);
    if (kind === undefined) return [];
    if (kind.added.length > 0) {
      // A stream that was taken back is empty; that entity, created again, is another one.
      kind.sorted = [...kind.sorted, ...kind.added]
        .filter(({ rows }) => rows.length > 0)
        .sort((a, b) => compareUtf8(a.entityId, b.entityId));
      kind.added = [];
    }
    return kind.sorted;
  }

  #addStream({ entityName, entityId }: StreamName): Stream {
    let kind = this.#kinds.get(entityName);
    if (kind === undefined) {
      kind = { streams: new Map(), sorted: [], added: [] };
      this.#kinds.set(entityName, kind);
    }
    const stream: Stream = { entityId, rows: [], keys: undefined };
    kind.streams.set(entityId, stream);
    kind.added.push(stream);
    return stream;
  }
}
