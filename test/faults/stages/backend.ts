import type { OwnServer } from "../../support/servers.ts";
import type { KeptSnapshot } from "../facts.ts";
import type { Network } from "../network.ts";

/** What is stored and how it can be treated: a server of the harness's own behind a network, or a file. */
export interface Backend {
  /** What it is, with its version. */
  readonly title: string;
  /** Where workers find it. */
  readonly place: string;
  /** Where the harness finds it, past the network. */
  readonly straight: string;
  readonly server?: { readonly network: Network; readonly own: OwnServer; readonly killedBy: NodeJS.Signals };
  /** Ends a connection of a worker's from the server's side. */
  endConnection?(): Promise<void>;
  /** Holds what every writer needs, for a while. */
  hold?(milliseconds: number): Promise<void>;
  isUp(): Promise<boolean>;
  snapshots(): Promise<readonly KeptSnapshot[]>;
  close(): Promise<void>;
}
