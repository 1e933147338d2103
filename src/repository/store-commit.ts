import type { EntityDefinition } from "../entity/entity-core.ts";
import { coreOf } from "../entity/internals.ts";
import { UnsupportedError } from "../errors/index.ts";
import { type CommitResult, type Committer, offerCommitter } from "../storage/index.ts";
import { sharedByName } from "../util/async-context.ts";
import { checkMember } from "./check-member.ts";
import { commitMembers } from "./commit.ts";
import type { RepositoryContext } from "./context.ts";
import { attributionOf } from "./metadata.ts";

/** The repositories over each store, the last one that was made for each class; whichever copy of the package made them. */
function repositories(): WeakMap<object, Map<EntityDefinition, RepositoryContext>> {
  return sharedByName("repositories", () => new WeakMap<object, Map<EntityDefinition, RepositoryContext>>());
}

/** Lets `store.commit` know under which rules the entities of a class are committed. */
export function register(context: RepositoryContext): void {
  const { store, definition } = context;
  let ofStore = repositories().get(store.identity);
  if (ofStore === undefined) {
    ofStore = new Map();
    repositories().set(store.identity, ofStore);
    offerCommitter(store.identity, committer(context, ofStore));
  }
  ofStore.set(definition, context);
}

function committer({ store }: RepositoryContext, ofStore: ReadonlyMap<EntityDefinition, RepositoryContext>): Committer {
  return async (entities, { transaction, ...options }) => {
    const attribution = attributionOf(options);
    const members = entities.map((entity) => {
      const core = coreOf(entity ?? {});
      const own = core?.repository as RepositoryContext | undefined;
      const context = own?.store.identity === store.identity ? own : ofStore.get(core?.definition);
      if (context === undefined) throw unknownClass(entity);
      checkMember(context, core);
      return { core, context };
    });
    return (await commitMembers(store, members, attribution, { transaction })) as readonly CommitResult[];
  };
}

function unknownClass(entity: { readonly entityName?: unknown } | null | undefined): UnsupportedError {
  return new UnsupportedError(
    "commit",
    `Unsupported: no repository over this store commits entities of the class of "${String(entity?.entityName)}". Call createRepository(itsClass, { adapter: store }) first.`,
  );
}
