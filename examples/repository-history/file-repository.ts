import { createRepository, type EventStore, type StoreRepository, VentydError } from "ventyd";
import { File, type fileSchema } from "./file.ts";
import { InputError } from "./history.ts";

export type FileRepository = StoreRepository<File, typeof fileSchema>;

/** A database with the files of a repository in it. */
export interface FileDatabase {
  readonly repository: FileRepository;
  readonly store: EventStore;
  /** Where it is: a path, or a URL without the password. */
  readonly place: string;
  /** False for one that was made for this run, and goes with it. */
  readonly isKept: boolean;
  /** The events of a file as they stand in the database, past the library: every column, one text per event. */
  storedRows(entityId: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Makes the tables, where they are not there. Nothing is recorded in them without saying who and why. */
export async function openFiles(
  store: EventStore,
  { close, ...rest }: Omit<FileDatabase, "repository" | "store">,
): Promise<FileDatabase> {
  const closeAll = async () => {
    await store.close();
    await close();
  };
  try {
    await store.migrate();
  } catch (error) {
    await closeAll();
    if (error instanceof VentydError) throw error;
    throw new InputError(`Cannot make the tables in ${rest.place}: ${(error as Error).message}`, { cause: error });
  }
  const repository = createRepository(File, { adapter: store, attribution: "required" });
  return { ...rest, repository, store, close: closeAll };
}
