import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** What installs a package on Debian, as root. */
export function debianCommand(name: string): string {
  return `apt-get update && apt-get install -y --no-install-recommends ${name}`;
}

/** Installs a package, where this is Debian and we are root; what it brings is not started. Returns whether it did. */
export function installOnDebian(name: string): boolean {
  if (!existsSync("/etc/debian_version") || process.getuid?.() !== 0) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  execFileSync("sh", ["-c", debianCommand(name)], { env, stdio: "pipe" });
  return true;
}
