import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { Rolldown } from "tsdown";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Browser, launchChromium } from "../support/chromium.ts";
import { lockedVersions, userFolder } from "../support/user-folder.ts";

const scripts = path.join(import.meta.dirname, "browser");
const user = userFolder();
let browser: Browser;
let server: Server;

beforeAll(async () => {
  [browser] = await Promise.all([launchChromium(), user.install(lockedVersions("zod", "valibot"))]);
  server = createServer((request, response) => {
    const name = path.basename(request.url ?? "");
    if (name.endsWith(".js")) {
      response.setHeader("content-type", "text/javascript").end(user.read(`bundle/${name}`));
    } else {
      const script = `<script type="module" src="/${name}.js"></script>`;
      response.setHeader("content-type", "text/html").end(`<!doctype html><link rel="icon" href="data:,">${script}`);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
}, 300_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Bundles a script as an application's build does, from the installed package. */
async function bundle(name: string): Promise<readonly Rolldown.OutputChunk[]> {
  user.write(`${name}.ts`, readFileSync(path.join(scripts, `${name}.ts`), "utf8"));
  const build = await Rolldown.rolldown({ input: path.join(user.folder, `${name}.ts`), platform: "browser" });
  const { output } = await build.write({ dir: path.join(user.folder, "bundle"), format: "esm", minify: true });
  await build.close();
  return output.filter((file) => file.type === "chunk");
}

/** Has the browser run a script, and answers with what came of it and all that it complained of meanwhile. */
async function runInBrowser(name: string) {
  const page = await browser.newPage();
  const said: string[] = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("requestfailed", (request) => said.push(`failed: ${request.url()}`));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`);
  const result = await page.evaluate(() => (globalThis as unknown as { result: Promise<unknown> }).result);
  const hasProcess = await page.evaluate(() => "process" in globalThis);
  await page.close();
  return { result, said, hasProcess };
}

test("the entity half lives in a browser: schema, reducer, class, defined entity and mutation, with Zod and with Valibot", async () => {
  const chunks = await bundle("entity");
  expect(chunks.map(({ imports, dynamicImports }) => [...imports, ...dynamicImports])).toEqual([[]]);
  expect(chunks[0]?.code).not.toContain("node:");
  expect(await runInBrowser("entity")).toEqual({
    result: {
      state: { text: "hello, world" },
      names: [
        ["note:written", 1],
        ["note:edited", 2],
      ],
      hasId: true,
      refused: ["invalid_event", 1],
      again: [{ text: "hello, world" }, 2],
      year: 2026,
      door: { isOpen: true },
    },
    said: [],
    hasProcess: false,
  });
});

test("a repository over the memory store lives in a browser, with what it loads later", async () => {
  const chunks = await bundle("repository");
  const names = chunks.map(({ fileName }) => fileName);
  const imported = chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]);
  expect(imported.length).toBeGreaterThan(0);
  // Nothing that the bundle does not hold: no module of Node's.
  expect(names).toEqual(expect.arrayContaining(imported));
  expect(chunks.some(({ dynamicImports }) => dynamicImports.length > 0)).toBe(true);
  expect(await runInBrowser("repository")).toEqual({
    result: {
      position: 1,
      conflict: 2,
      history: [
        ["note:written", "alice", 1, true],
        ["note:edited", "alice", 1, false],
        ["note:$rolled_back", "bob", 1, true],
      ],
      withoutAsyncContext: true,
    },
    said: [],
    hasProcess: false,
  });
});

test("every script for the browser is run", () => {
  expect(readdirSync(scripts).sort()).toEqual(["entity.ts", "repository.ts"]);
});
