import { describe, expect, test } from "vitest";
import { commitOf, take, write } from "../../src/testing/contract/events.ts";
import { rejection } from "../support/promises.ts";
import { openDatabase, servers } from "./servers.ts";

describe.each(servers)("$name", (server) => {
  test.each(["the same database", "another database"])(
    "a transaction of somebody else's that writes and stays open, in %s, holds no reader up",
    async (where) => {
      const { store, connect, open } = await openDatabase(server);
      const stranger =
        where === "the same database"
          ? await connect()
          : await (await openDatabase(server, { migrated: false })).connect();
      await stranger.run("CREATE TABLE orders (id int PRIMARY KEY)");
      await stranger.run("BEGIN");
      await stranger.run("INSERT INTO orders VALUES (1)");

      const tailer = (await open()).subscribe({ after: 0 });
      const [first] = await write(store, commitOf("a", 0, ["a1"]));
      // Its number is drawn for nothing: the reader must decide a hole while the stranger is at it.
      const aborted = new Error("aborted");
      const abort = store.transaction(async () => {
        await store.append([commitOf("b", 0, ["b1"])]);
        throw aborted;
      });
      expect(await rejection(abort)).toBe(aborted);
      const [second] = await write(store, commitOf("c", 0, ["c1"]));
      expect(second?.position).toBe((first?.position as number) + 2);

      expect((await take(tailer, 2)).map(({ eventId }) => eventId)).toEqual(["a1", "c1"]);
      expect((await store.status()).frontier).toBe(second?.position);
      await tailer.return?.();
      await stranger.run("COMMIT");
      expect(await stranger.run("SELECT id FROM orders")).toEqual([{ id: 1 }]);
    },
  );
});
