import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import Better from "better-sqlite3";
import Libsql from "libsql";
import type { DriverUnderTest } from "./executor-contract.ts";

/** The drivers that Node has, by the names of their packages. */
export const nodeDrivers: { readonly [name: string]: DriverUnderTest } = {
  "better-sqlite3": {
    open: (file) => new Better(file, { timeout: 0 }),
    openReadonly: (file) => new Better(file, { readonly: true }),
    openWithBigints: (file) => new Better(file).defaultSafeIntegers(true),
  },
  "node:sqlite": {
    open: (file) => new DatabaseSync(file),
    openReadonly: (file) => new DatabaseSync(file, { readOnly: true }),
    openWithArrays: (file) => new DatabaseSync(file, { returnArrays: true }),
    openWithBigints: (file) => new DatabaseSync(file, { readBigInts: true }),
  },
  libsql: {
    open: (file) => new Libsql(file),
    // It has no option for it.
    openReadonly: (file) => new Libsql(`${pathToFileURL(file).href}?mode=ro`),
    openWithBigints: (file) => new Libsql(file).defaultSafeIntegers(true),
  },
};
