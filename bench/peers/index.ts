import type { Row } from "../row.ts";
import { appendRows } from "./append.ts";
import { loadRows } from "./load.ts";
import { tailRows } from "./tail.ts";

/** What is measured beside other libraries. */
export const peerRows: readonly Row[] = [...appendRows, ...loadRows, ...tailRows];
