import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { OpenPeer, Peer, PeerPlace } from "./peer.ts";

/** The folders, and the package of each that its figures are about. */
const packages = {
  postgres: "@event-driven-io/emmett-postgresql",
  sqlite: "@event-driven-io/emmett-sqlite",
  memory: "@castore/core",
} as const;

export type PeerName = keyof typeof packages;

/** Installs what is not installed yet, each folder from its own lock file, so that nothing of theirs is ever installed with us. */
export function installPeers(): void {
  const names = Object.keys(packages).filter((name) => !isInstalled(name));
  for (const name of names) {
    console.error(`Installing bench/peers/${name} ...`);
    run("npm", ["ci", "--no-audit", "--no-fund"], folderOf(name));
  }
  // The root's type check leaves these folders out: it must pass where they are not installed.
  if (names.length > 0) run("tsc", ["--project", "."], import.meta.dirname);
}

/** Opens a peer; whoever does so closes it. */
export async function openPeer(name: PeerName, at: PeerPlace): Promise<Peer> {
  const module = (await import(path.join(folderOf(name), "open-peer.ts"))) as { openPeer: OpenPeer };
  return module.openPeer(at);
}

/** Runs `work` with a peer, which is closed afterwards. */
export async function withPeer<T>(name: PeerName, at: PeerPlace, work: (peer: Peer) => Promise<T>): Promise<T> {
  const peer = await openPeer(name, at);
  try {
    return await work(peer);
  } finally {
    await peer.close();
  }
}

/** Name and version of what the figures are about. */
export function peerVersions(): readonly string[] {
  return Object.entries(packages).map(([folder, name]) => {
    const file = path.join(folderOf(folder), "node_modules", name, "package.json");
    return `${name} ${(JSON.parse(readFileSync(file, "utf8")) as { version: string }).version}`;
  });
}

function folderOf(name: string): string {
  return path.join(import.meta.dirname, name);
}

function isInstalled(name: string): boolean {
  const installed = path.join(folderOf(name), "node_modules/.package-lock.json");
  const asked = path.join(folderOf(name), "package-lock.json");
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(asked).mtimeMs;
}

function run(command: string, args: readonly string[], cwd: string): void {
  execFileSync(command, args, { cwd, stdio: ["ignore", 2, 2] });
}
