import { UnsupportedError } from "../errors/index.ts";
import { sharedByName } from "../util/async-context.ts";
import type { CommitOptions, CommitResult, CommittableEntity, TransactionOption } from "./types.ts";

/** Commits entities of any classes to one store. A store knows events only: the repositories over it say how. */
export type Committer = (
  entities: readonly CommittableEntity[],
  options: CommitOptions & TransactionOption,
) => Promise<readonly CommitResult[]>;

function committers(): WeakMap<object, Committer> {
  return sharedByName("committers", () => new WeakMap<object, Committer>());
}

/** Makes known how entities are committed to a store; the first one stays. */
export function offerCommitter(store: object, committer: Committer): void {
  if (!committers().has(store)) committers().set(store, committer);
}

/**
 * `commit` of every store.
 *
 * @throws {UnsupportedError} no repository has been made over the store.
 */
export async function commitEntities<const TEntities extends readonly CommittableEntity[]>(
  store: object,
  entities: TEntities,
  options: CommitOptions & TransactionOption = {},
): Promise<{ readonly [K in keyof TEntities]: CommitResult }> {
  const committer = committers().get(store);
  if (committer !== undefined) return (await committer(entities, options)) as never;
  throw new UnsupportedError(
    "commit",
    "Unsupported: no repository has been made over this store, so it does not know the rules of these entities. Call createRepository for each of their classes first.",
  );
}
