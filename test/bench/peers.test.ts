import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import ours from "../../package-lock.json" with { type: "json" };

const peers = path.resolve(import.meta.dirname, "../../bench/peers");
const read = (...names: string[]) => JSON.parse(readFileSync(path.join(peers, ...names), "utf8"));
const folders = globSync("*/package.json", { cwd: peers }).map((file) => path.dirname(file));

test("there are peers on PostgreSQL, on SQLite and in memory", () => {
  expect(folders.toSorted()).toEqual(["memory", "postgres", "sqlite"]);
});

describe.each(folders)("the peers in bench/peers/%s", (folder) => {
  const { dependencies } = read(folder, "package.json") as { dependencies: Record<string, string> };

  test("are what their lock file installs, in exactly these versions", () => {
    const { packages } = read(folder, "package-lock.json");
    expect(packages[""].dependencies).toEqual(dependencies);
    for (const [name, version] of Object.entries(dependencies))
      expect(packages[`node_modules/${name}`].version).toBe(version);
  });

  test("are not installed with us", () => {
    const drivers = ["pg"];
    const foreign = Object.keys(dependencies).filter((name) => !drivers.includes(name));
    expect(foreign.filter((name) => `node_modules/${name}` in ours.packages)).toEqual([]);
  });
});

test("Emmett on PostgreSQL uses the driver that we are measured with", () => {
  expect(read("postgres", "package.json").dependencies.pg).toBe(ours.packages["node_modules/pg"].version);
});
