import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyProject } from "../support/project-copy.ts";

/** A folder of a user's who has installed what we publish, and nothing else of ours. */
const folder = mkdtempSync(path.join(tmpdir(), "ventyd-tarball-"));
const installed = path.join(folder, "node_modules", "ventyd");

beforeAll(() => {
  const copy = path.join(folder, "source");
  copyProject(copy);
  execFileSync("npm", ["run", "build"], { cwd: copy, stdio: "pipe" });
  execFileSync("npm", ["pack", "--pack-destination", folder], { cwd: copy, stdio: "pipe" });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) as string;
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", path.join(folder, tarball), "--strip-components=1", "-C", installed]);
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ type: "module" }));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script of the user's, without the condition that leads to our sources. */
function run(name: string, script: string): string {
  writeFileSync(path.join(folder, name), script);
  return execFileSync(process.execPath, [path.join(folder, name)], { cwd: folder, encoding: "utf8" });
}

test("the package installs nothing with it: no dependency, no source, no test", () => {
  const manifest = JSON.parse(readFileSync(path.join(installed, "package.json"), "utf8"));
  expect(manifest.dependencies).toBeUndefined();
  expect(readdirSync(installed).sort()).toEqual([
    "LICENSE",
    "README.md",
    "THIRD-PARTY-NOTICES.md",
    "dist",
    "package.json",
  ]);
});

test("the main entry loads where nothing else is installed, by import and by require", () => {
  const names = "import * as ventyd from 'ventyd'; console.log(typeof ventyd.Entity, typeof ventyd.createRepository);";
  expect(run("main.mjs", names)).toBe("function function\n");
  expect(run("main.cjs", "console.log(typeof require('ventyd').Entity)")).toBe("function\n");
});

test("an entity lives its life from the packed files, history and its lazily loaded part included", () => {
  for (const peer of ["zod", "better-sqlite3"]) {
    symlinkSync(path.resolve("node_modules", peer), path.join(folder, "node_modules", peer));
  }
  const output = run(
    "life.mjs",
    `
    import Database from "better-sqlite3";
    import { createRepository, defineReducer, defineSchema, Entity } from "ventyd";
    import { createSqliteStore } from "ventyd/sqlite";
    import { z, zod } from "ventyd/zod";
    const schema = defineSchema("note", {
      schema: zod({ event: { written: z.object({ text: z.string() }) }, state: z.object({ text: z.string() }) }),
      initialEventName: "note:written",
    });
    const Note = Entity(schema, defineReducer(schema, { "note:written": (_, { body }) => body }));
    const store = createSqliteStore(new Database(":memory:"));
    await store.migrate();
    const notes = createRepository(Note, { adapter: store, attribution: "required" });
    await notes.create({ entityId: "1", body: { text: "hello" } }, { actor: "alice", reason: "to try it" });
    const [entry] = await notes.history({ entityId: "1" });
    console.log(entry.event.metadata.actor, JSON.stringify(entry.changes));
  `,
  );
  expect(output).toBe('alice [{"op":"add","path":"","value":{"text":"hello"}}]\n');
});

test("a library of the user's own can publish its schemas, reducers and entities: their types can be named", {
  timeout: 60_000,
}, () => {
  for (const bridge of ["zod", "valibot"]) {
    const [lib, text] = bridge === "zod" ? ["z", "z.string()"] : ["v", "v.string()"];
    writeFileSync(
      path.join(folder, `${bridge}-library.ts`),
      `
      import { createRepository, defineEntity, defineReducer, defineSchema, Entity, mutation, type EventStore } from "ventyd";
      import { standard } from "ventyd/standard";
      import { ${lib}, ${bridge} } from "ventyd/${bridge}";
      export const noteSchema = defineSchema("note", {
        schema: ${bridge}({
          event: { written: ${lib}.object({ text: ${text} }), edited: ${lib}.object({ text: ${text} }) },
          state: ${lib}.object({ text: ${text} }),
        }),
        initialEventName: ["note:written", "note:edited"],
      });
      export const noteReducer = defineReducer(noteSchema, {
        "note:written": (_, { body }) => body,
        "note:edited": (_, { body }) => body,
      });
      export class Note extends Entity(noteSchema, noteReducer) {
        edit = mutation(this, (dispatch, text: string) => dispatch("note:edited", { text }));
      }
      export const open = (store: EventStore) => createRepository(Note, { adapter: store });
      export const Memo = defineEntity("memo", {
        state: ${lib}.object({ text: ${text} }),
        events: { written: ${lib}.object({ text: ${text} }) },
        initial: "written",
        reduce: { written: (_, { body }) => body },
        mutations: { write: ({ dispatch }, text: string) => dispatch("written", { text }) },
        metadata: ${lib}.object({ ip: ${text} }),
      });
      export const openMemos = (store: EventStore) => createRepository(Memo, { adapter: store });
      export const standardSchema = defineSchema("memo", {
        schema: standard({ body: { written: ${lib}.object({ text: ${text} }) }, state: ${lib}.object({ text: ${text} }) }),
        initialEventName: "memo:written",
      });
    `,
    );
  }
  for (const peer of ["zod", "valibot"]) {
    rmSync(path.join(folder, "node_modules", peer), { force: true });
    symlinkSync(path.resolve("node_modules", peer), path.join(folder, "node_modules", peer));
  }
  const flags = ["--declaration", "--emitDeclarationOnly", "--outDir", "types", "--strict", "--skipLibCheck"];
  const target = ["--target", "es2023", "--module", "nodenext", "--moduleResolution", "nodenext", "--types", ""];
  const tsc = [path.resolve("node_modules/typescript/bin/tsc"), "--ignoreConfig"];
  const files = ["zod-library.ts", "valibot-library.ts"];
  const emit = () =>
    execFileSync(process.execPath, [...tsc, ...flags, ...target, ...files], { cwd: folder, encoding: "utf8" });
  expect(emit).not.toThrow();
  const types = readFileSync(path.join(folder, "types", "zod-library.d.ts"), "utf8");
  expect(types).toContain("class Note");
  expect(types).toContain("const Memo");
  expect(types).not.toContain("any");
});

test("the types of every entry check without skipping libraries", { timeout: 60_000 }, () => {
  writeFileSync(
    path.join(folder, "use.ts"),
    `
    import { Entity, type StoredEvent, type VentydError } from "ventyd";
    export type { BetterSqlite3Database } from "ventyd/sqlite";
    export const names: [typeof Entity, StoredEvent | undefined, VentydError | undefined] = [Entity, undefined, undefined];
  `,
  );
  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ] as const) {
    const flags = ["--noEmit", "--strict", "--target", "es2023", "--lib", "es2023", "--module", module];
    const tsc = [path.resolve("node_modules/typescript/bin/tsc"), "--ignoreConfig", ...flags];
    const check = () =>
      execFileSync(process.execPath, [...tsc, "--moduleResolution", resolution, "--types", "", "use.ts"], {
        cwd: folder,
        encoding: "utf8",
      });
    expect(check).not.toThrow();
  }
});
