import type { Wire } from "../sql/orms/wire.ts";

/** SQLite below an ORM that begins its transactions with BEGIN: ours take the right to write at once, since one that has read first may be refused it. */
export const sqliteWire: Wire = {
  connection: (run) => ({
    execute: async <TRow extends object>(sql: string, params: readonly unknown[] = []) =>
      (await run(sql, params)) as readonly TRow[],
  }),
  care: (begin, work) =>
    begin(async (transaction) => {
      await transaction.execute("COMMIT");
      await transaction.execute("BEGIN IMMEDIATE");
      return work(transaction);
    }) as ReturnType<typeof work>,
};
