import type { Care, Wire } from "../sql/orms/wire.ts";
import { arrayLiteral } from "./executors/array-literal.ts";
import { assertCommits } from "./executors/driver.ts";

/** Tells of a COMMIT that would be answered with a rollback. */
export const committing: Care = (begin, work) =>
  begin(async (transaction) => {
    const result = await work(transaction);
    await assertCommits(transaction);
    return result;
  }) as ReturnType<typeof work>;

/** PostgreSQL below an ORM: lists travel as text, whatever the driver makes of lists. */
export const postgresWire: Wire = {
  connection: (run) => ({
    async execute<TRow extends object>(sql: string, params: readonly unknown[] = []) {
      const sent = params.map((value) => (Array.isArray(value) ? arrayLiteral(value) : value));
      return (await run(sql, sent)) as readonly TRow[];
    },
  }),
  care: committing,
};
