import { append } from "./append.ts";
import { mutate } from "./mutate.ts";
import type { Role } from "./role.ts";
import { page, tail } from "./tail.ts";

/** What a process can be: who it is on the command line, what it does, and whether it reads the log or writes to it. */
export const roles = {
  append: { run: append, lanes: 3, isReader: false },
  mutate: { run: mutate, lanes: 3, isReader: false },
  tail: { run: tail, lanes: 1, isReader: true },
  page: { run: page, lanes: 1, isReader: true },
} as const satisfies Record<string, { readonly run: Role; readonly lanes: number; readonly isReader: boolean }>;

export type RoleName = keyof typeof roles;
