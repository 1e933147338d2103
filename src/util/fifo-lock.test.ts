import { expect, test } from "vitest";
import { FifoLock } from "./fifo-lock.ts";

test("lets one holder in at a time, in the order of asking", async () => {
  const lock = new FifoLock();
  const log: string[] = [];
  const hold = async (name: string) => {
    await lock.acquire();
    log.push(`${name} in`);
    await Promise.resolve();
    log.push(`${name} out`);
    lock.release();
  };
  await Promise.all(["a", "b", "c"].map(hold));
  expect(log).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
});

test("nobody slips in between a release and the one who has waited longest", async () => {
  const lock = new FifoLock();
  const log: string[] = [];
  await lock.acquire();
  const waiting = lock.acquire().then(() => log.push("waited"));
  lock.release();
  const late = lock.acquire().then(() => log.push("late"));
  await waiting;
  expect(log).toEqual(["waited"]);
  lock.release();
  await late;
});

test("is held from the moment somebody asks until nobody waits any more", async () => {
  const lock = new FifoLock();
  expect(lock.isHeld).toBe(false);
  const first = lock.acquire();
  expect(lock.isHeld).toBe(true);
  await first;
  const second = lock.acquire();
  lock.release();
  expect(lock.isHeld).toBe(true);
  await second;
  lock.release();
  expect(lock.isHeld).toBe(false);
});
