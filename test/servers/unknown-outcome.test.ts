import { CommitOutcomeUnknownError } from "ventyd";
import { expect, test } from "vitest";
import { commitOf, write } from "../../src/testing/contract/events.ts";
import { Network } from "../faults/network.ts";
import { openStore } from "../faults/stores.ts";
import { openDatabase, sideBySide } from "./servers.ts";

test("a commit whose answer is lost, of a server that does not come back, is told as what it is: unknown, and stored once when it is committed again", async () => {
  await sideBySide(async (server) => {
    const { url, store } = await openDatabase(server);
    const { port } = new URL(url);
    const network = await Network.to(Number(port));
    const through = new URL(url);
    through.port = String(network.port);
    const remote = await openStore(server.kind, through.href);
    await write(remote.store, commitOf("warm", 0, ["warm"]));

    network.refuse();
    network.dropAnswer();
    const outcome = remote.store.append([commitOf("a", 0, ["a1"])]);
    await expect(outcome).rejects.toBeInstanceOf(CommitOutcomeUnknownError);
    expect(network.dropped).toBe(1);

    expect(await store.append([commitOf("a", 0, ["a1"])])).toMatchObject([{ status: "duplicate", version: 1 }]);
    await remote.close();
    await network.close();
  });
}, 40_000);
