import type { HintsSql } from "../dialect.ts";
import type { TableNames } from "../migrations/postgres.ts";

/** LISTEN and NOTIFY; channels belong to a database, as tables do. */
export function postgresHints(t: TableNames): HintsSql {
  return {
    async channel(connection) {
      // By the schema that the table was found in, whichever way its name was given; and no longer than a name may be.
      const [found] = await connection.execute<{ channel: string }>(
        `SELECT 'ventyd_' || md5(n.nspname || '.' || c.relname) AS channel
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`,
        [t.log],
      );
      return (found as { channel: string }).channel;
    },

    async send(connection, channel, sender) {
      await connection.execute(
        "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1::text, $2::text)::text",
        [channel, sender],
      );
    },
  };
}
