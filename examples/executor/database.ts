import { DatabaseSync, type SQLInputValue } from "node:sqlite";

/** What many drivers are: they answer later, and have one connection, which is lent to one after the other. */
export class Database {
  readonly #database: DatabaseSync;
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
  }

  use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      const connection = new Connection(this.#database);
      try {
        return await work(connection);
      } finally {
        connection.giveBack();
      }
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    await this.#last;
    this.#database.close();
  }
}

/** The connection, as long as it is lent. */
export class Connection {
  #database: DatabaseSync | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async query(sql: string, params: readonly SQLInputValue[] = []): Promise<object[]> {
    if (this.#database === undefined) throw new Error("the connection has been given back");
    return this.#database.prepare(sql).all(...params);
  }

  giveBack(): void {
    this.#database = undefined;
  }
}
