import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import path from "node:path";

/** A disk of the harness's own, that can be full. */
export interface SmallDisk {
  readonly folder: string;
  fill(): void;
  free(): void;
  unmount(): void;
}

const programs = { mount: "mount", unmount: "umount" };

/** @returns why there is none: it takes Linux, and the right to mount. */
export function mountSmallDisk(folder: string, mebibytes: number): SmallDisk | string {
  if (process.platform !== "linux") return "needs a tmpfs, which is Linux's";
  mkdirSync(folder);
  try {
    execFileSync(programs.mount, ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=0755`, "ventyd-faults", folder], {
      stdio: "pipe",
    });
  } catch (error) {
    rmdirSync(folder);
    return `cannot mount a tmpfs: ${(error as Error).message.trim().split("\n").at(-1)}`;
  }
  const ballast = path.join(folder, "ballast");
  return {
    folder,
    fill() {
      const file = openSync(ballast, "a");
      // Whole blocks first, then whatever still goes in.
      for (let size = 1 << 20; size >= 1 << 12; size >>= 2) fillWith(file, Buffer.alloc(size));
      closeSync(file);
    },
    free: () => rmSync(ballast, { force: true }),
    unmount() {
      // Lazily: the log of a server may still be open in this process.
      execFileSync(programs.unmount, ["-l", folder], { stdio: "pipe" });
      rmdirSync(folder);
    },
  };
}

function fillWith(file: number, block: Buffer): void {
  try {
    while (writeSync(file, block) > 0);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOSPC") throw error;
  }
}
