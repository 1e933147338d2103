import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import ts from "typescript-api";
import { beforeAll, describe, expect, test } from "vitest";
import { lockedVersions, userFolder } from "../support/user-folder.ts";
import { entries, peers, peersOf } from "./entries.ts";
import { prints, programs } from "./programs.ts";

test("what every program prints is known", () => {
  expect([...Object.keys(prints), "contract"].sort()).toEqual(Object.keys(programs).sort());
});

describe("where nothing else is installed", () => {
  const user = userFolder();
  beforeAll(() => user.install({}), 120_000);

  test("the package brings nothing with it", () => {
    const installed = readdirSync(path.join(user.folder, "node_modules"));
    expect(installed.filter((name) => !name.startsWith("."))).toEqual(["ventyd"]);
  });

  const alone = entries.filter(({ entry }) => peersOf[entry] === undefined);

  test.each(alone)("$specifier loads, by import and by require", async ({ specifier }) => {
    user.write("load.mjs", `console.log(Object.keys(await import("${specifier}")).join());`);
    user.write("load.cjs", `console.log(Object.keys(require("${specifier}")).join());`);
    const names = await user.node("load.mjs");
    expect(names.length).toBeGreaterThan(1);
    expect(await user.node("load.cjs")).toBe(names);
  });

  test("an entity lives its life there, with what the package loads later", async () => {
    user.write("index.mts", programs.index as string);
    expect(JSON.parse(await user.node("index.mts"))).toEqual(prints.index);
  });
});

describe("installed by npm beside all that a user may have", () => {
  const user = userFolder();
  beforeAll(() => user.install(lockedVersions(...peers, "better-sqlite3", "mysql2", "pg")), 120_000);

  test("the package is a folder of its own, not a link to ours", () => {
    expect(existsSync(path.join(user.folder, "node_modules/ventyd/src"))).toBe(false);
    expect(existsSync(path.join(user.folder, "node_modules/ventyd/dist/index.js"))).toBe(true);
  });

  test.each(entries)("$specifier is the same by import and by require", async ({ specifier }) => {
    const script = `
      const required = require("${specifier}");
      import("${specifier}").then((imported) => {
        const names = Object.keys(required);
        console.log(names.length > 0 && names.length === Object.keys(imported).length);
        console.log(names.every((name) => required[name] === imported[name]));
      });
    `;
    user.write("same.cjs", script);
    expect(await user.node("same.cjs")).toBe("true\ntrue\n");
  });

  test.each(Object.entries(prints))("the program %s does what it says, as an ES module", async (name, expected) => {
    user.write(`${name}.mts`, programs[name] as string);
    expect(JSON.parse(await user.node(`${name}.mts`))).toEqual(expected);
  });

  test.each(Object.entries(prints))("the program %s does what it says, as CommonJS", async (name, expected) => {
    const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true };
    const { outputText } = ts.transpileModule(programs[name] as string, { compilerOptions: options });
    expect(outputText).toContain('require("ventyd');
    user.write(`${name}.cjs`, outputText);
    expect(JSON.parse(await user.node(`${name}.cjs`))).toEqual(expected);
  });

  test("the published contract suite runs under node:test, and the published memory store keeps it", async () => {
    user.write("contract.mts", programs.contract as string);
    const report = await user.node("contract.mts", "--test-reporter=tap");
    expect(report).toMatch(/^# pass [1-9]\d\d$/m);
    expect(report).toMatch(/^# fail 0$/m);
  });
});
