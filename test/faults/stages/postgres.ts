import pg from "pg";
import type { Backend } from "./backend.ts";
import { readSnapshots } from "./snapshots.ts";
import { startServer, urlOf } from "./server.ts";

/** Small files, for they may lie on a small disk. */
const options = ["max_wal_size=64MB", "min_wal_size=32MB", "shared_buffers=64MB"].flatMap((one) => ["-c", one]);

export async function openPostgresStage(folder: string): Promise<Backend> {
  const { own, network } = await startServer("postgres", folder, options);
  const straight = urlOf(own.url, "faults");
  const run = async (sql: string, url = straight) => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    // It may go down under this one too.
    client.on("error", () => {});
    await client.connect();
    return (await client.query(sql).finally(() => client.end())).rows;
  };
  await run("CREATE DATABASE faults", own.url);
  const [{ server_version }] = await run("SHOW server_version");
  return {
    title: `PostgreSQL ${server_version}`,
    place: urlOf(own.url, "faults", network.port),
    straight,
    server: { network, own, killedBy: "SIGQUIT" },
    async endConnection() {
      await run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1",
      );
    },
    isUp: () =>
      run("SELECT 1").then(
        () => true,
        () => false,
      ),
    snapshots: async () => readSnapshots(await run("SELECT * FROM ventyd_snapshots")),
    async close() {
      await network.close();
      await own.remove();
    },
  };
}
