/** @param placeholder where the id of the file goes, in the words of the driver. */
export function rowsOfFile(placeholder: string): string {
  return `SELECT * FROM ventyd_log JOIN ventyd_content USING (position)
    WHERE entity_name = 'file' AND entity_id = ${placeholder} ORDER BY version`;
}

/** A row as one text, to be compared with what it was before. */
export function textOf(row: unknown): string {
  return JSON.stringify(row);
}
