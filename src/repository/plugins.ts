import { VentydError } from "../errors/index.ts";
import { clone } from "../util/clone.ts";
import { fullCopy } from "../util/full-copy.ts";
import { startTimer } from "../util/timers.ts";
import { warn } from "../util/warning.ts";
import type { RepositoryContext } from "./context.ts";
import type { Plugin } from "./types.ts";

/** What plugins are told of. */
export interface Committed {
  readonly entityName: string;
  readonly entityId: string;
  readonly events: readonly unknown[];
  readonly state: unknown;
}

/** Milliseconds that a commit waits for its plugins; what takes longer goes on by itself. */
const pluginTimeout = 10_000;

/**
 * Runs all plugins at once and waits for them, but not for ever. Failures go to `onPluginError`, else to `onWarning`; never to the caller,
 * whose events are stored.
 */
export async function runPlugins(context: RepositoryContext, committed: Committed): Promise<void> {
  const running = context.plugins.map(async (plugin) => {
    try {
      await plugin.onCommitted?.((fullCopy(committed) ?? clone(committed)) as never);
    } catch (error) {
      await report(context, committed, error, plugin);
    }
  });
  if (running.length === 0) return;
  await new Promise<void>((resolve) => {
    const stopTimer = startTimer(pluginTimeout, () => {
      reportSlow(context, committed);
      resolve();
    });
    Promise.all(running).then(() => {
      stopTimer();
      resolve();
    });
  });
}

function reportSlow({ onWarning }: RepositoryContext, { entityName, entityId }: Committed): void {
  warn(
    onWarning,
    new VentydError(
      "plugin_slow",
      `Plugin is slow: one that was told of a commit of ${entityName} "${entityId}" has not settled after ${pluginTimeout} ms, and the commit waits no longer. Start long work without awaiting it.`,
    ),
  );
}

async function report(
  { onPluginError, onWarning }: RepositoryContext,
  { entityName, entityId }: Committed,
  error: unknown,
  plugin: Plugin,
): Promise<void> {
  let cause = error;
  if (onPluginError !== undefined) {
    try {
      await (onPluginError(error, plugin) as unknown);
      return;
    } catch (failure) {
      cause = failure;
    }
  }
  warn(
    onWarning,
    new VentydError(
      "plugin_failed",
      `Plugin failed: it was told of a commit of ${entityName} "${entityId}", whose events are stored. The cause says what went wrong; pass onPluginError to deal with it.`,
      { cause },
    ),
  );
}
