/** The changes of a repository, oldest first, wherever they come from. */
export type History = AsyncIterable<Commit>;

/** One commit; its changes apply in their order. */
export interface Commit {
  readonly commit: string;
  readonly author: string;
  /** ISO 8601 instant, with the author's offset. */
  readonly at: string;
  readonly subject: string;
  readonly changes: readonly Change[];
}

/** What a commit did to one file. The numbers of lines are absent where git does not count them: in binary files. */
export type Change = { readonly path: string; readonly added?: number; readonly removed?: number } & (
  | { readonly op: "added" | "modified" | "deleted" }
  | { readonly op: "renamed"; readonly from: string }
);

/** Something is wrong with what the user gave us; the message is all that they need to see. */
export class InputError extends Error {}
