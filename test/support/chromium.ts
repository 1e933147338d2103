import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { debianCommand, installOnDebian } from "./debian.ts";

/** Of a page, what the tests use. Playwright's own types need those of a browser in every file of ours. */
export interface Page {
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): unknown;
  on(event: "pageerror", listener: (error: Error) => void): unknown;
  on(event: "requestfailed", listener: (request: { url(): string }) => void): unknown;
  goto(url: string): Promise<unknown>;
  evaluate<T>(work: () => T): Promise<Awaited<T>>;
  close(): Promise<void>;
}

export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; headless: boolean; args: readonly string[] }): Promise<Browser>;
  };
}

const require = createRequire(import.meta.url);
const { chromium }: Playwright = require("playwright-core");

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** No sandbox, since whoever builds may be root; and nothing that asks the network. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a browser without a window: the one that `VENTYD_CHROMIUM` names, else one on the PATH, else one that is installed now. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({ executablePath: findChromium() ?? installChromium(), headless: true, args });
}

function findChromium(): string | undefined {
  if (process.env.VENTYD_CHROMIUM) return process.env.VENTYD_CHROMIUM;
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(path.delimiter)];
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find(isExecutable);
}

function installChromium(): string {
  const command = debianCommand("chromium");
  if (!installOnDebian("chromium")) {
    throw new Error(
      `The browser tests need Chromium. Install it (as root on Debian: ${command}), or say where it is: VENTYD_CHROMIUM=/path/to/chromium npm test.`,
    );
  }
  const installed = findChromium();
  if (installed === undefined) throw new Error(`No Chromium was found after: ${command}`);
  return installed;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
