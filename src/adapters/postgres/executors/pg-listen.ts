import type { SqlExecutor } from "../../sql/executor.ts";

/** A client of pg that is no pool's, as far as we use it. */
interface PgListener {
  connect(): Promise<unknown>;
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
  on(event: "notification", listener: (message: { channel: string; payload?: string }) => void): unknown;
  on(event: "error" | "end", listener: () => void): unknown;
  unref?(): void;
}

/**
 * Listening beside a pool: with its settings, but on a connection that the pool does not count, for one of its own could be the only one that the application
 * has. `undefined` where the pool does not show how it makes its clients.
 */
export function pgListen(pool: object): SqlExecutor["listen"] {
  const { Client, options } = pool as { Client?: new (options: unknown) => PgListener; options?: unknown };
  if (typeof Client !== "function" || options === undefined) return undefined;
  return async (channel, onNotify, onLost) => {
    const client = new Client(options);
    let isOver = false;
    const over = () => {
      if (!isOver) onLost();
      isOver = true;
    };
    client.on("error", over);
    client.on("end", over);
    client.on("notification", (message) => {
      if (message.channel === channel) onNotify(message.payload ?? "");
    });
    const end = async () => {
      isOver = true;
      await client.end();
    };
    try {
      await client.connect();
      // Whoever waits for events has a timer as well; a process that waits for none ends.
      client.unref?.();
      await client.query(`LISTEN "${channel}"`);
    } catch (error) {
      await end().catch(() => {});
      throw error;
    }
    return end;
  };
}
