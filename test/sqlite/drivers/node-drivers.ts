import { DatabaseSync } from "node:sqlite";
import Better from "better-sqlite3";
import Libsql from "libsql";
import type { DriverUnderTest } from "./driver-contract.ts";

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
    openWithBigints: (file) => new DatabaseSync(file, { readBigInts: true }),
  },
  // It knows no handles that only read.
  libsql: {
    open: (file) => new Libsql(file),
    openWithBigints: (file) => new Libsql(file).defaultSafeIntegers(true),
  },
};
