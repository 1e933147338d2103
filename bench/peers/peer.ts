import type { amended, placed } from "../order.ts";

/** An event as it is handed to a peer, which puts it into its own form. */
export interface PeerEvent {
  readonly name: string;
  readonly body: typeof placed | typeof amended;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Another library in the shared cases, used as its readers are told to. */
export interface Peer {
  /** Stores events of an entity; the library refuses them where the entity is not at this version. */
  append(entityId: string, expectedVersion: number, events: readonly PeerEvent[]): Promise<void>;
  /** Reads an entity's events and reduces them to its state. */
  load(entityId: string): Promise<unknown>;
  /** Follows the log from its beginning, as often as the library looks by itself. @returns what ends it. */
  subscribe?(onBody: (body: unknown) => void): () => Promise<void>;
  close(): Promise<void>;
}

/** Where a peer keeps its events: a file, the URL of a database, or nowhere. */
export interface PeerPlace {
  readonly place: string;
  readonly connections: number;
}

/** What the file `open-peer.ts` of each folder exports as `openPeer`. */
export type OpenPeer = (at: PeerPlace) => Promise<Peer>;

export interface OrderState {
  customer: string;
  total: number;
  amendments: number;
}

/** The reducer that ours has, without the library around it. */
export function evolveOrder(state: OrderState, name: string, body: PeerEvent["body"]): OrderState {
  const total = body.quantity * body.price;
  return name === "order:placed"
    ? { customer: (body as typeof placed).customer, total, amendments: 0 }
    : { ...state, total, amendments: state.amendments + 1 };
}
