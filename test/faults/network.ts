import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { pause } from "./roles/role.ts";

/** What a client sends with which its commit takes effect: the word alone, or a statement that is a transaction of its own. */
const committing = /\bCOMMIT\b|_append/;

/** One connection, and whether answers, or anything at all, still pass. */
interface Link {
  readonly client: Socket;
  readonly server: Socket;
  passes: "all" | "requests" | "nothing";
  /** Its answer is to be lost. */
  isDoomed: boolean;
  /** What was sent, in its order, however long each part of it takes. */
  sending: Promise<void>;
}

/** Stands between clients and their server, and treats them as networks do. */
export class Network {
  readonly #links = new Set<Link>();
  readonly #server: Server;
  readonly #target: number;
  /** Milliseconds that everything takes longer. */
  delay = 0;
  /** How many answers to commits are still to be lost. */
  #toDrop = 0;
  dropped = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#link(client));
  }

  /** Listens on a port of its own for what goes to a port of this machine. */
  static async to(target: number): Promise<Network> {
    const network = new Network(target);
    await new Promise<void>((resolve) => network.#server.listen(0, "127.0.0.1", resolve));
    return network;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #link(client: Socket): void {
    const server = connect(this.#target, "127.0.0.1");
    const link: Link = { client, server, passes: "all", isDoomed: false, sending: Promise.resolve() };
    this.#links.add(link);
    client.setNoDelay();
    server.setNoDelay();
    client.on("data", (data) => {
      if (this.#toDrop > 0 && committing.test(data.toString("latin1"))) {
        this.#toDrop--;
        link.isDoomed = true;
      }
      if (link.passes !== "nothing") this.#send(link, server, data);
    });
    server.on("data", (data) => {
      if (link.isDoomed) {
        // It has been carried out, and nobody is told.
        this.dropped++;
        end();
      } else if (link.passes === "all") this.#send(link, client, data);
    });
    const end = () => {
      if (!this.#links.delete(link)) return;
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      socket.on("error", end);
      socket.on("close", () => void link.sending.then(end));
    }
  }

  #send(link: Link, to: Socket, data: Buffer): void {
    const { delay } = this;
    link.sending = link.sending.then(async () => {
      if (delay > 0) await pause(delay);
      if (!to.destroyed) to.write(data);
    });
  }

  /** Breaks connections: those that the choice falls on. */
  cut(chosen: () => boolean): void {
    for (const link of this.#links) if (chosen()) link.client.resetAndDestroy();
  }

  /** Loses the answer to the next commit, with its connection. */
  dropAnswer(): void {
    this.#toDrop++;
  }

  /** Lets connections stand of which nobody hears any more, or the client not; until they are mended, which breaks them. */
  halfOpen(passes: "requests" | "nothing"): void {
    for (const link of this.#links) link.passes = passes;
  }

  mend(): void {
    this.delay = 0;
    this.#toDrop = 0;
    for (const link of this.#links) if (link.passes !== "all") link.client.resetAndDestroy();
  }

  /** Lets nobody in any more; those who are there stay. */
  refuse(): void {
    this.#server.close();
  }

  async close(): Promise<void> {
    for (const { client } of this.#links) client.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
