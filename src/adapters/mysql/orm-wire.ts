import { assertFits } from "../sql/dialects/mysql-inserts.ts";
import type { SqlValue } from "../sql/executor.ts";
import { inlineParams } from "../sql/inline-params.ts";
import { withinLimitsInside } from "../sql/mysql-limits.ts";
import type { RunStatement, Wire } from "../sql/orms/wire.ts";

/** MySQL and MariaDB below an ORM, which sends its parameters in the character set of the connection: ours stand in the statement. */
export const mysqlWire: Wire = {
  connection: (run) => ({
    async execute<TRow extends object>(sql: string, params: readonly SqlValue[] = []) {
      const text = inlineParams(sql, params);
      await assertFits(
        { execute: async <T extends object>(asked: string) => rowsOf<T>(run, asked) },
        "what is written at once, as text in base 64,",
        text.length,
      );
      return rowsOf<TRow>(run, text);
    },
  }),
  care: (begin, work) =>
    begin((transaction) => withinLimitsInside(transaction, () => work(transaction))) as ReturnType<typeof work>,
};

/** A procedure, or a block of statements, is answered with a list of what they came to. */
async function rowsOf<TRow extends object>(run: RunStatement, sql: string): Promise<readonly TRow[]> {
  const rows = await run(sql, []);
  return (Array.isArray(rows[0]) ? rows[0] : rows) as readonly TRow[];
}
