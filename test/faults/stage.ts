import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { mountSmallDisk, type SmallDisk } from "./small-disk.ts";
import type { Backend } from "./stages/backend.ts";
import { openMysqlStage } from "./stages/mysql.ts";
import { openPostgresStage } from "./stages/postgres.ts";
import { openSqliteStage } from "./stages/sqlite.ts";

export type Kind = "sqlite" | "postgres" | "mysql";

/** Where a run takes place. */
export interface Stage extends Backend {
  /** Why there is none, where there is none. */
  readonly disk: SmallDisk | string;
  /** What processes write is kept here. */
  readonly folder: string;
  /** @param keepsFolder leaves what the processes have said. */
  end(keepsFolder: boolean): Promise<void>;
}

const backends = { sqlite: openSqliteStage, postgres: openPostgresStage, mysql: openMysqlStage };

/** @param mebibytes how large the disk is that can be full. */
export async function openStage(kind: Kind, mebibytes: number): Promise<Stage> {
  const folder = mkdtempSync(path.join(tmpdir(), `ventyd-faults-${kind}-`));
  // Servers run as users of their own.
  chmodSync(folder, 0o755);
  const disk = mountSmallDisk(path.join(folder, "disk"), mebibytes);
  const data = typeof disk === "string" ? path.join(folder, "data") : disk.folder;
  mkdirSync(data, { recursive: true });
  const end = async (keepsFolder: boolean) => {
    if (typeof disk !== "string") disk.unmount();
    if (!keepsFolder) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const backend = await backends[kind](data);
    return {
      ...backend,
      disk,
      folder,
      async end(keepsFolder) {
        await backend.close();
        await end(keepsFolder);
      },
    };
  } catch (error) {
    await end(false);
    throw error;
  }
}
