import {
  type DispatchOptions,
  defineReducer,
  defineSchema,
  Entity,
  type InferEventInputFromSchema,
  type InferEventNameFromSchema,
  type InferStateFromSchema,
  mutation,
} from "ventyd";
import { v, valibot } from "ventyd/valibot";

const LineCount = v.pipe(v.number(), v.integer());

/** What happened to a file's content. Git counts no lines of a binary file: both numbers are absent then. */
const Edit = v.object({ author: v.string(), added: v.optional(LineCount), removed: v.optional(LineCount) });

/** What can happen to a file, and what we want to know about it. */
export const fileSchema = defineSchema("file", {
  schema: valibot({
    event: {
      added: Edit,
      modified: Edit,
      deleted: Edit,
      moved_away: v.object({ author: v.string(), to: v.string() }),
      // A reducer sees its own file only, so what the move brings along from the other one stands in the event.
      moved_in: v.object({ ...Edit.entries, from: v.string(), lines: LineCount }),
    },
    state: v.object({
      exists: v.boolean(),
      lines: LineCount,
      revisions: LineCount,
      authors: v.array(v.string()),
    }),
  }),
  // The commits of branches that were merged stand one after another, so a file can be modified before it is added, or deleted twice.
  // Facts are recorded as they are: any of them may be the first that we hear of a file.
  initialEventName: ["file:added", "file:modified", "file:deleted", "file:moved_away", "file:moved_in"],
});

export type FileState = InferStateFromSchema<typeof fileSchema>;
type FileEventName = InferEventNameFromSchema<typeof fileSchema>;

/** An event before it is recorded: its name and its body. */
export type FileEvent = {
  [TName in FileEventName]: { eventName: TName; body: InferEventInputFromSchema<typeof fileSchema, TName> };
}[FileEventName];

type Before = FileState | null;

// #region reducer
export const fileReducer = defineReducer(fileSchema, {
  "file:added": (state, { body }) => edited(state, body),
  "file:modified": (state, { body }) => edited(state, body),
  "file:deleted": (state, { body }) => gone(state, body),
  "file:moved_away": (state, { body }) => gone(state, body),
  "file:moved_in": (state, { body }) => ({ ...revised(state, body), exists: true, lines: body.lines }),
});
// #endregion

function edited(state: Before, body: { author: string; added?: number | undefined; removed?: number | undefined }) {
  const { added = 0, removed = 0, author } = body;
  return { ...revised(state, { author }), exists: true, lines: (state?.lines ?? 0) + added - removed };
}

function gone(state: Before, body: { author: string }): FileState {
  return { ...revised(state, body), exists: false, lines: 0 };
}

function revised(state: Before, { author }: { author: string }): FileState {
  const { exists, lines, revisions, authors } = state ?? { exists: false, lines: 0, revisions: 0, authors: [] };
  return {
    exists,
    lines,
    revisions: revisions + 1,
    authors: authors.includes(author) ? authors : [...authors, author],
  };
}

/** A file of a repository, with everything that ever happened to it. */
export class File extends Entity(fileSchema, fileReducer) {
  /** An import replays decisions that others have taken, so there is nothing to refuse here; other mutations check their rules first. */
  record = mutation(this, (dispatch, { eventName, body }: FileEvent, options: DispatchOptions) => {
    dispatch(eventName, body, options);
  });
}
