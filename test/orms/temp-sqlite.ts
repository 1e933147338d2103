import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A place for a database, as servers give one: until it is dropped. */
export function createSqliteFile(): { file: string; drop(): Promise<void> } {
  const folder = mkdtempSync(path.join(tmpdir(), "ventyd-test-"));
  return { file: path.join(folder, "test.db"), drop: async () => rmSync(folder, { recursive: true, force: true }) };
}
