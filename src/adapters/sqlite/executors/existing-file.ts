import { pathToFileURL } from "node:url";

/** The name of a file for drivers that would otherwise make one where there is none. */
export function existingFile(file: string, isReadonly: boolean): string {
  return `${pathToFileURL(file).href}?mode=${isReadonly ? "ro" : "rw"}`;
}
