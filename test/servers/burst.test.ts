import path from "node:path";
import { expect, test } from "vitest";
import { run } from "../support/run.ts";
import { openDatabase, servers } from "./servers.ts";

test.each(servers)(
  "$name: a burst of commits that is larger than the memory of the process is written all the same",
  async (server) => {
    const { url } = await openDatabase(server);
    const burst = path.join(import.meta.dirname, "burst-child.ts");
    const options = ["--conditions=ventyd-source", "--max-old-space-size=100"];
    const args = [...options, burst, server.kind, url, "1500", "100000"];
    expect(await run(process.execPath, args, { cwd: process.cwd() })).toBe("1500");
  },
);
