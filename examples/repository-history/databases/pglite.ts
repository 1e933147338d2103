import { PGlite } from "@electric-sql/pglite";
import { createPostgresStore } from "ventyd/postgres";
import { type FileDatabase, openFiles } from "../file-repository.ts";
import { InputError } from "../history.ts";
import { rowsOfFile, textOf } from "./stored-rows.ts";

/** A folder of PGlite, new or not. */
export async function openPglite(folder: string): Promise<FileDatabase> {
  const database = await openFolder(folder);
  return openFiles(createPostgresStore(database), {
    place: folder,
    isKept: true,
    storedRows: async (entityId) => (await database.query(rowsOfFile("$1"), [entityId])).rows.map(textOf),
    close: () => database.close(),
  });
}

async function openFolder(folder: string): Promise<PGlite> {
  try {
    return await PGlite.create(folder);
  } catch (error) {
    throw new InputError(`Cannot open the database ${folder}: ${(error as Error).message}`);
  }
}
