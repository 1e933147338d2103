import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript-api";
import { beforeAll, describe, expect, test } from "vitest";
import { compilers } from "../package/compilers.ts";
import { prints, programs } from "../package/programs.ts";
import { run } from "../support/run.ts";
import { runtime } from "../support/runtime.ts";
import { lockedVersions, userFolder } from "../support/user-folder.ts";

/** The oldest that package.json allows, and the newest of each line that we support besides the one that all other tests run under. */
const nodes = [
  // Before 22.18 types are erased only when asked for. Its node:sqlite cannot say whether a transaction is open, and better-sqlite3 13 ends
  // the process by itself before 22.14.
  { version: "22.12.0", flags: ["--experimental-strip-types", "--no-warnings"], leaves: ["node-sqlite", "sqlite"] },
  { version: "22.23.3", flags: ["--no-warnings"], leaves: [] },
  { version: "26.10.0", flags: [], leaves: [] },
];

// libsql has the interface of better-sqlite3.
const libsql = (programs.sqlite as string).replace('from "better-sqlite3"', 'from "libsql"');
const sources: Readonly<Record<string, string>> = { ...programs, libsql };
const printed: Readonly<Record<string, unknown>> = { ...prints, libsql: prints.sqlite };
const names = Object.keys(printed);
const user = userFolder();

beforeAll(async () => {
  const peers = ["@sinclair/typebox", "arktype", "immer", "typebox", "valibot", "zod"];
  await user.install({ ...lockedVersions(...peers, "better-sqlite3", "libsql", "mysql2", "pg"), "bun-types": "1.4.5" });
  for (const name of names) {
    const source = sources[name] as string;
    user.write(`${name}.mts`, source);
    const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true };
    user.write(`${name}.cjs`, ts.transpileModule(source, { compilerOptions: options }).outputText);
  }
}, 120_000);

describe.each(nodes)("Node $version", ({ version, flags, leaves }) => {
  beforeAll(() => void runtime("node", version), 120_000);

  test.each(names.filter((name) => !leaves.includes(name)))(
    "%s does what it says, imported and required",
    async (name) => {
      for (const file of [`${name}.mts`, `${name}.cjs`]) {
        const output = await run(runtime("node", version), [...flags, file], { cwd: user.folder });
        expect(JSON.parse(output)).toEqual(printed[name]);
      }
    },
  );
});

test("the node:sqlite of Node 22.12 is refused by name", { timeout: 120_000 }, () => {
  const source = 'new (require("node:sqlite").DatabaseSync)(":memory:")';
  user.write(
    "old.cjs",
    `try { require("ventyd/sqlite").createSqliteStore(${source}) } catch (error) { console.log(error.code, error.message) }`,
  );
  const flags = ["--experimental-sqlite", "--experimental-require-module", "--no-warnings"];
  const output = execFileSync(runtime("node", "22.12.0"), [...flags, "old.cjs"], {
    cwd: user.folder,
    encoding: "utf8",
  });
  expect(output).toMatch(/^unsupported .*node:sqlite \(Node 22\.16 and newer\)/);
});

test("the real type of a database of Bun's fits, and is that of client", { timeout: 120_000 }, async () => {
  const types = `
    import { Database } from "bun:sqlite";
    import { createSqliteStore, type SqliteStore } from "ventyd/sqlite";
    const store: SqliteStore<Database> = createSqliteStore(new Database(":memory:"));
    void store.transaction(async ({ client }) => {
      const rows: unknown[] = client.query("SELECT 1").all();
      // @ts-expect-error the client is the driver's own, and has no such method
      client.nothing;
      return rows;
    });
  `;
  const bunUser = path.join(user.folder, "bun");
  user.write("bun/types.ts", types);
  // Its own declarations are not checked: they say of globals what those of Node say otherwise.
  const options = { module: "esnext", moduleResolution: "bundler", types: ["bun-types"], skipLibCheck: true };
  expect(await compilers.at(-1)?.errors(bunUser, ["types.ts"], options)).toEqual([]);
});

describe("Bun", () => {
  const bun = () => runtime("bun", "1.4.5");
  beforeAll(() => void bun(), 120_000);

  // What is left uses a driver of Node's.
  test.each(names.filter((name) => !["libsql", "node-sqlite", "sqlite"].includes(name)))(
    "%s does what it says, imported and required",
    async (name) => {
      for (const file of [`${name}.mts`, `${name}.cjs`]) {
        expect(JSON.parse(await run(bun(), [file], { cwd: user.folder }))).toEqual(printed[name]);
      }
    },
  );

  test("the example of bun:sqlite opens a durable store, and what it keeps is there for the next", async () => {
    user.write("bun-sqlite.ts", readFileSync(path.resolve("examples/sqlite/bun-sqlite.ts"), "utf8"));
    user.write(
      "bun-main.ts",
      `
      import { createRepository, defineEntity, withAttribution } from "ventyd";
      import { z } from "zod";
      import { openStore } from "./bun-sqlite.ts";
      const Note = defineEntity("note", {
        state: z.object({ text: z.string() }),
        events: { written: z.object({ text: z.string() }) },
        initial: "written",
        reduce: { written: (_, { body }) => body },
      });
      const first = await openStore("app.db");
      const { durability } = await first.status();
      await withAttribution({ actor: "ann" }, async () => {
        await Promise.resolve();
        await createRepository(Note, { adapter: first }).create({ entityId: "1", body: { text: "hello" } });
      });
      await first.close();
      const store = await openStore("app.db");
      const notes = createRepository(Note, { adapter: store });
      const [entry] = await notes.history({ entityId: "1" });
      console.log(JSON.stringify([durability.survives, entry?.after, entry?.event.metadata.actor]));
      await store.close();
    `,
    );
    expect(JSON.parse(await run(bun(), ["bun-main.ts"], { cwd: user.folder }))).toEqual([
      "power_loss",
      { text: "hello" },
      "ann",
    ]);
  });
});
