import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import Database from "better-sqlite3";
import { tempFile } from "../support/temp-database.ts";

const here = import.meta.dirname;

/** What a Prisma client has that these tests use; its own types are tried in client/types.ts. */
// biome-ignore lint/suspicious/noExplicitAny: the client is generated, so the compiler does not know it here
export type PrismaClient = any;

/** The databases that stock.prisma is for. */
export type Provider = "postgresql" | "mysql" | "sqlite";

/** Makes the client of schema.prisma. */
export function generateClient(): void {
  generate("generated", readFileSync(path.join(here, "schema.prisma"), "utf8"));
}

/** Makes the client of stock.prisma for a database, and gives what makes its instances. */
export async function generateStockClient(
  provider: Provider,
): Promise<new (options: { adapter: object; log?: readonly string[] }) => PrismaClient> {
  const schema = readFileSync(path.join(here, "stock.prisma"), "utf8").replaceAll("postgresql", provider);
  generate(provider, provider === "sqlite" ? schema.replace("@db.VarChar(50)", "") : schema);
  return (await import(path.join(here, "client", provider, "client.ts"))).PrismaClient;
}

/** Makes a client in a folder beside the others, unless it is there: Prisma does it without a network and without an engine of its own. */
function generate(name: string, schema: string): void {
  const generated = path.join(here, "client", name);
  const { version } = JSON.parse(readFileSync("node_modules/prisma/package.json", "utf8"));
  const stamp = createHash("sha256").update(`${version}\n${schema}`).digest("hex");
  if (stampOf(generated) === stamp) return;
  // Elsewhere first, and then in one go: another run may be about the same.
  mkdirSync(".scratch", { recursive: true });
  const folder = mkdtempSync(path.join(".scratch", "prisma-"));
  writeFileSync(path.join(folder, "schema.prisma"), schema);
  const env = {
    ...process.env,
    // Generating needs no schema engine, only a file in its place: this one is there.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
    CHECKPOINT_DISABLE: "1",
  };
  const prisma = path.resolve("node_modules/prisma/build/index.js");
  execFileSync(process.execPath, [prisma, "generate", "--schema", path.join(folder, "schema.prisma")], {
    env,
    stdio: "pipe",
  });
  const made = path.join(folder, "client", name);
  writeFileSync(path.join(made, "stamp"), stamp);
  if (stampOf(generated) !== stamp) {
    rmSync(generated, { recursive: true, force: true });
    renameSync(made, generated);
  }
  rmSync(folder, { recursive: true });
}

function stampOf(folder: string): string | undefined {
  try {
    return readFileSync(path.join(folder, "stamp"), "utf8");
  } catch {
    return undefined;
  }
}

/** A client on a file of its own, with empty tables, and the database under it. */
export async function openPrisma(file = tempFile()) {
  const { PrismaClient } = await import(path.join(here, "client", "generated", "client.ts"));
  const database = new Database(file);
  database.exec(readFileSync(path.join(here, "tables.sql"), "utf8"));
  const prisma: PrismaClient = new PrismaClient({ adapter: new PrismaBetterSqlite3({ url: `file:${file}` }) });
  const close = async () => {
    await prisma.$disconnect();
    database.close();
  };
  return { prisma, database, close };
}
