import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript-api";
import { expect, test } from "vitest";

/** Every `@example` in a docstring of the sources, with the line it starts at. */
const examples = globSync("src/**/*.ts", { exclude: ["**/*.test.ts", "**/*.test-d.ts"] }).flatMap((file) => {
  const source = readFileSync(file, "utf8");
  return [...source.matchAll(/^ *\* @example\n((?: *\*(?: .*)?\n)+?) *\*\/$/gm)].map((match) => ({
    file: path.posix.normalize(file.replaceAll(path.sep, "/")),
    place: `${file}:${source.slice(0, match.index).split("\n").length}`,
    code: (match[1] as string).replaceAll(/^ *\* ?/gm, ""),
  }));
});

/** What an example sees; some names are those of the entry that the file belongs to. */
const importsFor = (file: string) => `
import Database from "better-sqlite3";
import { createPool } from "mysql2/promise";
import pg from "pg";
import { bindAttribution, createRepository, currentAttribution, defineSchema, Entity, mutation, withAttribution } from "ventyd";
import { defineEntity, defineReducer } from "${file.startsWith("src/immer/") ? "ventyd/immer" : "ventyd"}";
import { prismaAdapter } from "ventyd/adapter/prisma";
import { arktype, type } from "ventyd/arktype";
import { createMemoryStore } from "ventyd/memory";
import { createMysqlStore } from "ventyd/mysql";
import { createPostgresStore } from "ventyd/postgres";
import { createSqliteStore } from "ventyd/sqlite";
import { fromDrizzle, fromKnex, fromKysely, fromPrisma } from "ventyd/${/\/(mysql|sqlite)\//.exec(file)?.[1] ?? "postgres"}";
import { standard } from "ventyd/standard";
import { adapterContract, createTestClock, createTestIds, given } from "ventyd/testing";
import { standardSchema, Type, typebox } from "${file.endsWith("/typebox0.ts") ? "ventyd/typebox0" : "ventyd/typebox"}";
import { v, valibot } from "ventyd/valibot";
import { z, zod } from "ventyd/zod";
import { describe, test } from "vitest";
import { ${file.endsWith("/from-kysely.ts") ? "kysely" : "drizzle"} as db } from "./example-context.ts";
import { database, entityId, handle, knex, orders, Post, postReducer, postSchema, PostState, prisma, request, session } from "./example-context.ts";
`;

test("every example in a docstring compiles", { timeout: 60_000 }, () => {
  const files = new Map(
    examples.map(({ file, code }, index) => [
      path.resolve(`test/docs/example-${index}.ts`),
      `${importsFor(file)}export async function example() {\n${code}\n}\n`,
    ]),
  );
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    customConditions: ["ventyd-source"],
    lib: ["lib.es2024.d.ts"],
    types: ["node"],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  const program = ts.createProgram([...files.keys()], options, host);
  const errors = examples.flatMap(({ place }, index) => {
    const file = program.getSourceFile(path.resolve(`test/docs/example-${index}.ts`));
    return ts
      .getPreEmitDiagnostics(program, file)
      .map(({ messageText }) => `${place}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
  });
  expect(examples.length).toBeGreaterThanOrEqual(8);
  expect(errors).toEqual([]);
});
