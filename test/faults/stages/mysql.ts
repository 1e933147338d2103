import { createConnection } from "mysql2/promise";
import type { Backend } from "./backend.ts";
import { readSnapshots } from "./snapshots.ts";
import { startServer, urlOf } from "./server.ts";

/** Small files, for they may lie on a small disk. */
const options = ["--innodb-log-file-size=32M", "--innodb-buffer-pool-size=128M"];

export async function openMysqlStage(folder: string): Promise<Backend> {
  const { own, network } = await startServer("mysql", folder, options);
  const straight = urlOf(own.url, "faults");
  const run = async (sql: string, url = straight) => {
    const client = await createConnection({ uri: url, connectTimeout: 2_000 });
    // It may go down under this one too.
    client.on("error", () => {});
    const [rows] = await client.query(sql).finally(() => client.end().catch(() => client.destroy()));
    return rows as Record<string, unknown>[];
  };
  await run("CREATE DATABASE faults", own.url);
  const [row] = await run("SELECT VERSION() AS version");
  return {
    title: `MySQL's protocol, ${row?.version}`,
    place: urlOf(own.url, "faults", network.port),
    straight,
    server: { network, own, killedBy: "SIGKILL" },
    async endConnection() {
      const others =
        "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID() ORDER BY rand() LIMIT 1";
      // It may be gone by itself meanwhile.
      for (const { id } of await run(others)) await run(`KILL CONNECTION ${id}`).catch(() => {});
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
