import type { VentydError } from "../errors/index.ts";

/** Is told what went wrong beside the caller's work: a plugin, a snapshot, a check. The warning's `code` says which. */
export type OnWarning = (warning: VentydError) => void;

/** Hands a warning to the process, as Node prints deprecations; a runtime without `process` hears nothing. */
export const emitWarning: OnWarning = (warning) => {
  const { process } = globalThis as { process?: { emitWarning?: (warning: Error) => void } };
  process?.emitWarning?.(warning);
};

/** Warns; whoever is told cannot make the caller's work fail. */
export function warn(onWarning: OnWarning, warning: VentydError): void {
  const fallBack = () => {
    if (onWarning !== emitWarning) emitWarning(warning);
  };
  try {
    // It may be an asynchronous function: a rejection that nobody takes would end the process.
    Promise.resolve(onWarning(warning) as unknown).catch(fallBack);
  } catch {
    fallBack();
  }
}
