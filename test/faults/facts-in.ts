import { closeSync, openSync, readSync } from "node:fs";
import type { Fact } from "./facts.ts";

/** Reads what a process has said, a piece at a time: of a long run there is more than fits into memory. What a kill has cut off was not said. */
export function* factsIn(file: string): Generator<Fact> {
  const descriptor = openSync(file, "r");
  const block = Buffer.alloc(1 << 20);
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (let size = readSync(descriptor, block); size > 0; size = readSync(descriptor, block)) {
      const lines = (rest + decoder.decode(block.subarray(0, size), { stream: true })).split("\n");
      rest = lines.pop() as string;
      for (const line of lines) yield JSON.parse(line) as Fact;
    }
  } finally {
    closeSync(descriptor);
  }
}
