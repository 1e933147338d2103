import { shareServers } from "./servers.ts";

/** Before and after a run: servers that tests need and that do not run here are started once, and ended. */
export function setup(): () => Promise<void> {
  return shareServers();
}
