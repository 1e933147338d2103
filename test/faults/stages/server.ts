import { type OwnServer, startMysql, startPostgres } from "../../support/servers.ts";
import { Network } from "../network.ts";

const starts = { postgres: startPostgres, mysql: startMysql };

/** Starts a server whose files lie in a folder, and a network in front of it. */
export async function startServer(
  kind: "postgres" | "mysql",
  folder: string,
  options: readonly string[],
): Promise<{ readonly own: OwnServer; readonly network: Network }> {
  const own = await inFolder(folder, () => starts[kind](...options));
  return { own, network: await Network.to(Number(new URL(own.url).port)) };
}

/** Servers make their files where temporary ones lie. */
async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    return await work();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

/** The URL of a database behind another port. */
export function urlOf(server: string, database: string, port: number | string = new URL(server).port): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  url.port = String(port);
  return url.href;
}
