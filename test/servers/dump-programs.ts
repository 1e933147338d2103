// The programs by which an operator moves a database: those of the servers themselves.
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import path from "node:path";
import { tempFolder } from "../support/temp-database.ts";
import type { Server } from "./servers.ts";

/** Runs a program, its input and its output files; rejects with what it had to say. */
function run(program: string, args: readonly string[], { input, output }: { input?: string; output?: string }) {
  return new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: [
        input === undefined ? "ignore" : openSync(input, "r"),
        output === undefined ? "ignore" : openSync(output, "w"),
        "pipe",
      ],
    });
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.on("error", (error) => {
      const cure = program.startsWith("mariadb") ? "mariadb-client" : "postgresql-client";
      reject(new Error(`${program} is needed for this test: run \`apt-get install ${cure}\`.`, { cause: error }));
    });
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${code}: ${said}`));
    });
  });
}

function mariadbLogin(place: string): { readonly login: readonly string[]; readonly database: string } {
  const url = new URL(place);
  const socket = url.searchParams.get("socketPath");
  const at = socket === null ? ["-h", url.hostname, "-P", url.port || "3306", "--protocol=tcp"] : ["-S", socket];
  const password = url.password === "" ? [] : [`-p${decodeURIComponent(url.password)}`];
  return { login: [...at, "-u", decodeURIComponent(url.username), ...password], database: url.pathname.slice(1) };
}

/** Dumps a database into a file of the running test's own. */
export async function dump({ kind }: Server, place: string, ...options: string[]): Promise<string> {
  const output = path.join(tempFolder(), "dump.sql");
  if (kind === "postgres") await run("pg_dump", [...options, `--dbname=${place}`], { output });
  else {
    const { login, database } = mariadbLogin(place);
    await run("mariadb-dump", [...login, ...options, database], { output });
  }
  return output;
}

/** Runs what a dump has written. */
export async function restore({ kind }: Server, place: string, input: string): Promise<void> {
  if (kind === "postgres") {
    const args = ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", `--dbname=${place}`];
    await run("psql", args, { input });
  } else {
    const { login, database } = mariadbLogin(place);
    await run("mariadb", [...login, database], { input });
  }
}
