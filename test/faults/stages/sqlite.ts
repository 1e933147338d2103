import path from "node:path";
import Database from "better-sqlite3";
import { pause } from "../roles/role.ts";
import type { Backend } from "./backend.ts";
import { readSnapshots } from "./snapshots.ts";

export async function openSqliteStage(folder: string): Promise<Backend> {
  const file = path.join(folder, "faults.db");
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  return {
    title: `SQLite ${database.prepare("SELECT sqlite_version()").pluck().get()}`,
    place: file,
    straight: file,
    async hold(milliseconds) {
      try {
        database.exec("BEGIN IMMEDIATE");
      } catch (error) {
        // Somebody else holds it already, or there is no room for it.
        if (!/^SQLITE_(BUSY|FULL|IOERR)/.test((error as { code: string }).code)) throw error;
        return;
      }
      await pause(milliseconds);
      database.exec("ROLLBACK");
    },
    isUp: async () => true,
    snapshots: async () => readSnapshots(database.prepare("SELECT * FROM ventyd_snapshots").all()),
    close: async () => void database.close(),
  };
}
