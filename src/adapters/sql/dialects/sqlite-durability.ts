import type { Durability } from "../../../storage/index.ts";
import { pragma, rows, type Steps } from "./sqlite-steps.ts";

/** The file as SQLite knows it: absolute, links resolved; empty where the database is in memory. */
export function* mainFile(): Steps<string> {
  const databases = yield* rows<{ name: string; file: string | null }>("PRAGMA database_list");
  return databases.find(({ name }) => name === "main")?.file ?? "";
}

/** What an acknowledged commit survives, by the settings of the connection. */
export function* durability(): Steps<Durability> {
  if ((yield* mainFile()) === "") return { survives: "none", because: "the database is in memory" };
  const journal = String(yield* pragma("journal_mode"));
  const synchronous = Number(yield* pragma("synchronous"));
  return {
    survives: synchronous >= 2 && journal !== "off" && journal !== "memory" ? "power_loss" : "process_crash",
    because: `journal_mode = ${journal}, synchronous = ${["OFF", "NORMAL", "FULL", "EXTRA"][synchronous]}`,
  };
}
