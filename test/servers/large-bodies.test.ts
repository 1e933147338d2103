import { describe, expect, test } from "vitest";
import { commitOf, take, upTo } from "../../src/testing/contract/events.ts";
import { openDatabase, servers } from "./servers.ts";

const large = "x".repeat(10_000_000);

describe.each(servers)("$name: bodies of 10 MB beside small ones", (server) => {
  test("all get through, none is tried more than twice, small ones go on meanwhile, and readers get every event in order", async () => {
    const { store, open, run } = await openDatabase(server, { maxBodyBytes: 16 * 1024 * 1024 });
    // As in other processes: one reads, goes up to every hole, and decides it; in one, small commits do not even share statements with large ones.
    const tailer = (await open()).subscribe({ after: 0 });
    const elsewhere = await open();
    let writing = 2;
    const beside: number[] = [];
    const small = [0, 0];
    let longest = 0;
    const writers = upTo(2).map(async (writer) => {
      for (const version of upTo(4)) {
        const before = small[1] as number;
        const rows = await store.append([commitOf(`large${writer}`, version - 1, [{ body: large }])]);
        expect(rows).toMatchObject([{ status: "written", version }]);
        beside.push((small[1] as number) - before);
      }
      writing--;
    });
    const others = [0, 1, 0, 1].map(async (where, writer) => {
      for (let version = 1; writing > 0; version++) {
        const start = performance.now();
        const rows = await (where === 0 ? store : elsewhere).append([commitOf(`small${writer}`, version - 1, [{}])]);
        expect(rows).toMatchObject([{ status: "written", version }]);
        longest = Math.max(longest, performance.now() - start);
        small[where] = (small[where] as number) + 1;
      }
    });
    await Promise.all([...writers, ...others]);

    expect(Math.min(...beside)).toBeGreaterThan(0);
    expect(small[0]).toBeGreaterThan(0);
    expect(longest).toBeLessThan(5_000);
    // Whoever is tried again leaves the number that he had drawn before.
    const [{ burned } = { burned: undefined }] = await run(
      "SELECT count(*) AS burned FROM ventyd_log WHERE entity_name = ''",
    );
    expect(Number(burned)).toBeLessThanOrEqual(8);

    const seen = await take(tailer, (small[0] as number) + (small[1] as number) + 8);
    await tailer.return?.();
    const positions = seen.map(({ position }) => position);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    for (const writer of [1, 2]) {
      const bodies = seen.filter(({ entityId }) => entityId === `large${writer}`);
      expect(bodies.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
      expect(bodies.every(({ body }) => body === large)).toBe(true);
    }
  });
});
