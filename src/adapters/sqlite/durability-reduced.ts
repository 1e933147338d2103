import { VentydError } from "../../errors/index.ts";

/** What `onWarning` is told of settings that let an acknowledged commit be lost. */
export function durabilityReduced(because: string, remedy: string): VentydError {
  return new VentydError(
    "durability_reduced",
    `Durability is reduced: with ${because} a loss of power can take back commits that were acknowledged. ` +
      `${remedy}, or onWarning to createSqliteStore() to say that you know.`,
  );
}
