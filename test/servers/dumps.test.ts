import { describe, expect, test } from "vitest";
import { commitOf, readAll, take, upTo, write } from "../../src/testing/contract/events.ts";
import { rejection } from "../support/promises.ts";
import { dump, restore } from "./dump-programs.ts";
import { openDatabase, servers } from "./servers.ts";

/** Text that every step of a dump could spoil. */
const text = `\\' "" \\\\ \t \r\n ü 🎉 \ufeff $1 ? -- */`;

describe.each(servers)("$name: a database that was dumped, and restored elsewhere", (server) => {
  test("has the same log: old cursors go on in it, a replay from its start is complete, and commits go on", async () => {
    const source = await openDatabase(server);
    const large = upTo(150).map((n) => ({ eventId: `l${n}`, body: { text: `${text}\0`, n } }));
    await write(source.store, commitOf("large", 0, large));
    // Its number is drawn, and lost with the dump, which does not see it.
    const open = await source.connect();
    await open.run("BEGIN");
    await source.store.append([commitOf("open", 0, [{}])], { transaction: open.client });
    const keyed = commitOf("keyed", 0, [{ eventId: "k1", metadata: { actor: "alice", note: text } }], {
      idempotencyKey: "k",
    });
    await write(source.store, keyed);
    await write(source.store, commitOf(text, 0, [{ eventId: "t1", body: text }]));
    const dumped = await dump(server, source.url, ...(server.kind === "mysql" ? ["--single-transaction"] : []));
    await open.run("ROLLBACK");
    const log = await readAll(source.store);
    const [cursor, head] = [log[100]?.position as number, log.at(-1)?.position as number];
    expect(head).toBe(153);

    const { url, store, run } = await openDatabase(server, { migrated: false });
    await restore(server, url, dumped);

    expect(await readAll(store)).toEqual(log);
    expect(log).toHaveLength(152);
    const tailer = store.subscribe({ after: cursor });
    expect(await take(tailer, 51)).toEqual(log.slice(101));

    // Versions, ids and keys are known there, as are those who come back with what they had committed before.
    expect(await store.append([keyed])).toMatchObject([{ status: "duplicate", version: 1 }]);
    expect(await store.append([commitOf("large", 7, [{}])])).toMatchObject([
      { status: "conflict", actualVersion: 150 },
    ]);
    const more = [
      ...(await write(store, commitOf("large", 150, [{}, {}]))),
      ...(await write(store, commitOf("new", 0, [{}]))),
    ];
    expect(more[0]?.position).toBeGreaterThan(head);
    expect(await take(tailer, 3)).toEqual(more);
    expect(await rejection(store.read({ after: head + 1_000 }).next())).toMatchObject({ code: "cursor_ahead" });
    await expect(run("DELETE FROM ventyd_log")).rejects.toThrow(/append-only/);
    await store.migrate();
    expect(await readAll(store)).toEqual([...log, ...more]);
    await tailer.return?.();
  });
});
