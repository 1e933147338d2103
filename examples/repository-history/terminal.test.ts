import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { column, createTerminal } from "./terminal.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function terminalOn(stream: { isTTY: boolean; columns?: number }) {
  const written: string[] = [];
  const write = (text: string) => written.push(text);
  return { written, terminal: createTerminal({ ...stream, write } as unknown as NodeJS.WriteStream) };
}

test("progress takes one line of a terminal, and the next line takes its place", () => {
  const { written, terminal } = terminalOn({ isTTY: true, columns: 60 });
  expect(terminal.width).toBe(60);
  for (const step of ["1", "2", "3"]) {
    vi.advanceTimersByTime(50);
    terminal.progress(() => step);
  }
  terminal.say("done");
  terminal.say("next");
  expect(written).toEqual(["\r\x1b[K2", "\r\x1b[Kdone\n", "next\n"]);
});

test("progress is a line now and then where there is no terminal", () => {
  const { written, terminal } = terminalOn({ isTTY: false });
  for (let step = 1; step <= 50; step += 1) {
    vi.advanceTimersByTime(100);
    terminal.progress(() => `${step}`);
  }
  terminal.say("done");
  expect(written).toEqual(["20\n", "40\n", "done\n"]);
});

test("a column is as wide as it should be", () => {
  expect(column("ab", 4)).toBe("ab  ");
  expect(column("abcd", 4)).toBe("abcd");
  expect(column("a\nb\u{1F600}de", 4)).toBe("a·b…");
});
