import type Database from "better-sqlite3";

/** The events of a file as they stand in the database, past the library: every column, one text per event. */
export function storedRows(database: Database.Database, entityId: string): string[] {
  return database
    .prepare(
      `SELECT * FROM ventyd_log JOIN ventyd_content USING (position)
       WHERE entity_name = 'file' AND entity_id = ? ORDER BY version`,
    )
    .all(entityId)
    .map((row) => JSON.stringify(row));
}
