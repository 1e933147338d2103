import path from "node:path";
import type { EventStore } from "ventyd";
import { createMemoryStore } from "ventyd/memory";
import { withDatabases } from "../databases.ts";
import { postgres } from "../postgres-database.ts";
import { openPeer, type PeerName, withPeer } from "./open-peer.ts";
import type { Peer } from "./peer.ts";

/** Ours and a peer, on a database of the same kind with the same settings. */
export interface Pair {
  readonly store: EventStore;
  readonly peer: Peer;
  /** The two for another turn: new ones in memory, so that neither works beside what the other has piled up. */
  fresh?(): Promise<Pair>;
}

/** Where the two are compared: what the rows are called by, and how both are opened. */
export interface PairKind {
  readonly name: string;
  with<T>(connections: number, work: (pair: Pair) => Promise<T>): Promise<T>;
}

const beside =
  <T>(name: PeerName, connections: number, work: (pair: Pair) => Promise<T>) =>
  (store: EventStore, place: string) =>
    withPeer(name, { place, connections }, (peer) => work({ store, peer }));

export const onPostgres: PairKind = {
  name: "Emmett, PostgreSQL",
  with: (connections, work) =>
    postgres.with(connections, ({ store, url }) => beside("postgres", connections, work)(store, url)),
};

export const onSqlite: PairKind = {
  name: "Emmett, SQLite",
  with: (connections, work) =>
    withDatabases("FULL", ({ store, file }) =>
      beside("sqlite", connections, work)(store, path.join(path.dirname(file), "peer.db")),
    ),
};

/** Neither holds anything that would have to be closed. */
const openInMemory = async (): Promise<Pair> => ({
  store: createMemoryStore(),
  peer: await openPeer("memory", { place: "", connections: 0 }),
});

export const inMemory: PairKind = {
  name: "Castore, memory",
  with: async (_, work) => work({ ...(await openInMemory()), fresh: openInMemory }),
};
