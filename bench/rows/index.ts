import type { Row } from "../row.ts";
import { dispatchRows } from "./dispatch.ts";
import { loadRows } from "./load.ts";
import { memoryRows } from "./memory.ts";
import { serverCommitRows } from "./server-commit.ts";
import { serverLoadRows } from "./server-load.ts";
import { sizeRows } from "./size.ts";
import { snapshotRows } from "./snapshot.ts";
import { sqliteCommitRows } from "./sqlite-commit.ts";
import { tailRows } from "./tail.ts";
import { typeRows } from "./types.ts";

/** Everything that is measured, in the order in which it is. */
export const rows: readonly Row[] = [
  ...memoryRows,
  ...sqliteCommitRows,
  ...serverCommitRows,
  ...loadRows,
  ...serverLoadRows,
  ...snapshotRows,
  ...tailRows,
  ...dispatchRows,
  ...sizeRows,
  ...typeRows,
];
