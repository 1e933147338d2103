import { existsSync, readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Sample } from "./find-growth.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

export function takeSample(): Sample {
  // What a finalizer lets go is garbage of the next time.
  for (let times = 0; times < 3; times++) collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  const openFiles = existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0;
  return { heap: heapUsed + external, handles: process.getActiveResourcesInfo().length + openFiles };
}
