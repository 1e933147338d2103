import { createReadStream } from "node:fs";
import { v } from "ventyd/valibot";
import { type Commit, type History, InputError } from "./history.ts";
import { split } from "./split.ts";

const Name = v.pipe(v.string(), v.nonEmpty());
const LineCount = v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)));
const Counts = { path: Name, added: LineCount, removed: LineCount };

const CommitLine = v.object({
  commit: Name,
  author: v.string(),
  at: v.pipe(v.string(), v.isoTimestamp()),
  subject: v.string(),
  changes: v.array(
    v.variant("op", [
      v.object({ op: v.picklist(["added", "modified", "deleted"]), ...Counts }),
      v.object({ op: v.literal("renamed"), from: Name, ...Counts }),
    ]),
  ),
});

/** Reads a history from a file with one commit a line, as JSON. */
export async function* readNdjsonHistory(file: string): History {
  let number = 0;
  try {
    for await (const line of split(createReadStream(file), "\n".charCodeAt(0))) {
      number += 1;
      const text = line.toString().replace(/^\uFEFF/, "");
      if (text.trim() !== "") yield parseLine(text, `${file}, line ${number}`);
    }
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw new InputError(`Cannot read ${file}: ${error.message}`);
    throw error;
  }
}

function parseLine(text: string, where: string): Commit {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${where}: ${(error as Error).message}`);
  }
  const { success, output, issues } = v.safeParse(CommitLine, json);
  if (success) return output;
  const [issue] = issues;
  throw new InputError(`${where}: ${v.getDotPath(issue) ?? "the line"}: ${issue.message}`);
}
