// Servers for tests: one that the environment names, else one that runs here, else one that is started, shared by all test files and ended with the run.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { installOnDebian } from "./debian.ts";

/** A kind of server: how to reach it, how to start one. */
interface ServerKind {
  readonly name: string;
  /** What to do where it is not to be had. */
  readonly cure: string;
  isUp(url: string): Promise<boolean>;
  /** The folder of its programs; `undefined` where they are not installed. */
  findPrograms(): string | undefined;
  /** The user that it runs as where we are root, which it refuses. */
  readonly users: readonly string[];
  /** Makes its files; then the command that starts it. */
  prepare(at: { programs: string; folder: string; port: number; run: Run }): Command;
  readonly stopSignal: NodeJS.Signals;
  urlOf(port: number): string;
}

/** One that may be there already: how to find it. */
interface SharedServerKind extends ServerKind {
  /** The environment variable that names one. */
  readonly variable: string;
  /** Where one usually is, and what it usually takes for credentials. */
  readonly usual: readonly string[];
}

type Command = readonly [program: string, ...args: string[]];
type Run = (...command: Command) => void;

/** A server that was started, as it is written down for whoever ends it. */
interface Started {
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
}

/** A server of a test's own. */
export interface OwnServer {
  readonly url: string;
  /** Its first process. */
  readonly pid: number;
  /** Starts it again, on the same files and the same port, after it was ended or killed. */
  start(): Promise<void>;
  /** Ends it and lets its files lie. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it for good. */
  remove(): Promise<void>;
}

const postgres: SharedServerKind = {
  name: "PostgreSQL",
  variable: "VENTYD_POSTGRES_URL",
  usual: ["postgres://postgres@127.0.0.1:5432/postgres", "postgres://postgres:postgres@127.0.0.1:5432/postgres"],
  cure: "apt-get install postgresql",
  async isUp(url) {
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    return reaches(
      () => client.connect(),
      () => client.end(),
    );
  },
  findPrograms: () => {
    const byVersion = globSync("/usr/lib/postgresql/*/bin").sort((a, b) => versionIn(b) - versionIn(a));
    return [...byVersion, ...programFolders()].find((folder) => existsSync(path.join(folder, "initdb")));
  },
  users: ["postgres", "nobody"],
  prepare({ programs, folder, port, run }) {
    const data = path.join(folder, "data");
    run(path.join(programs, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N");
    return [
      path.join(programs, "postgres"),
      ...["-D", data, "-p", `${port}`, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    ];
  },
  // Without waiting for those who are connected.
  stopSignal: "SIGINT",
  urlOf: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
};

const mysql: SharedServerKind = {
  name: "MariaDB",
  variable: "VENTYD_MYSQL_URL",
  usual: [
    "mysql://root@127.0.0.1:3306/",
    ...["/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/tmp/mysql.sock"].map(
      (socket) => `mysql://root@localhost/?socketPath=${encodeURIComponent(socket)}`,
    ),
    "mysql://root:root@127.0.0.1:3306/",
  ],
  cure: "apt-get install mariadb-server",
  async isUp(url) {
    const { default: mysql2 } = await import("mysql2/promise");
    return reaches(
      () => mysql2.createConnection({ uri: url, connectTimeout: 2_000 }),
      (connection) => connection.end(),
    );
  },
  findPrograms: () =>
    ["/usr/sbin", "/usr/libexec", ...programFolders()].find((folder) => existsSync(path.join(folder, "mariadbd"))),
  users: ["mysql", "nobody"],
  prepare({ programs, folder, port, run }) {
    const data = path.join(folder, "data");
    const install = [programs, ...programFolders(), "/usr/bin"]
      .map((one) => path.join(one, "mariadb-install-db"))
      .find(existsSync);
    if (install === undefined) throw new Error("mariadb-install-db is not installed");
    const files = [`--datadir=${data}`, `--tmpdir=${folder}`];
    run(install, "--no-defaults", ...files, "--auth-root-authentication-method=normal", "--skip-test-db");
    return [
      path.join(programs, "mariadbd"),
      ...["--no-defaults", ...files, `--port=${port}`, "--bind-address=127.0.0.1"],
      ...[`--socket=${path.join(folder, "socket")}`, `--pid-file=${path.join(folder, "pid")}`],
    ];
  },
  stopSignal: "SIGTERM",
  urlOf: (port) => `mysql://root@127.0.0.1:${port}/`,
};

/** PgBouncer in transaction mode, in front of every database of a PostgreSQL server. */
function pgbouncerOf(server: string): ServerKind {
  return {
    name: "PgBouncer",
    cure: "apt-get install pgbouncer",
    isUp: postgres.isUp,
    findPrograms: () => [...programFolders(), "/usr/sbin"].find((folder) => existsSync(path.join(folder, "pgbouncer"))),
    users: ["postgres", "nobody"],
    prepare({ programs, folder, port }) {
      const { hostname, port: serverPort, username, password } = new URL(server);
      const login = [`user=${decodeURIComponent(username)}`, password && `password='${decodeURIComponent(password)}'`];
      const settings = [
        "[databases]",
        `* = host=${hostname} port=${serverPort || 5432} ${login.filter(Boolean).join(" ")}`,
        "[pgbouncer]",
        "pool_mode = transaction",
        "listen_addr = 127.0.0.1",
        `listen_port = ${port}`,
        "unix_socket_dir =",
        "auth_type = any",
      ];
      const file = path.join(folder, "pgbouncer.ini");
      writeFileSync(file, settings.join("\n"));
      return [path.join(programs, "pgbouncer"), file];
    },
    // At once: nobody is to be waited for.
    stopSignal: "SIGTERM",
    urlOf: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
  };
}

/** Where a run writes down which servers it has started; set by `servers-setup.ts`, and passed on to every process of the run. */
const folderVariable = "VENTYD_TEST_SERVERS";

const found = new Map<SharedServerKind, Promise<string>>();

/** The URL of a PostgreSQL server, whose user may make databases. */
function postgresUrl(): Promise<string> {
  return urlOf(postgres);
}

/** The URL of a MariaDB or MySQL server, whose user may make databases. */
function mysqlUrl(): Promise<string> {
  return urlOf(mysql);
}

/** A PostgreSQL server of the caller's own, to be broken. */
export function startPostgres(...options: string[]): Promise<OwnServer> {
  return startOwn(postgres, options);
}

/** A MariaDB server of the caller's own, to be broken. */
export function startMysql(...options: string[]): Promise<OwnServer> {
  return startOwn(mysql, options);
}

/** A PgBouncer in transaction mode of the caller's own, in front of the PostgreSQL server that a URL leads to; its own URL is that of the same database. */
export async function startPgbouncer(server: string): Promise<Pick<OwnServer, "url" | "remove">> {
  const kind = pgbouncerOf(server);
  if (kind.findPrograms() === undefined) installOnDebian("pgbouncer");
  const { url, remove } = await startOwn(kind, []);
  return { url: withDatabase(url, new URL(server).pathname.slice(1)), remove };
}

/** A database of the caller's own. */
export interface OwnDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes a database on the PostgreSQL server. Whoever drops it must have left it: who is still connected is told of, and thrown out. */
export async function createPostgresDatabase(): Promise<OwnDatabase> {
  const { default: pg } = await import("pg");
  const server = await postgresUrl();
  const name = `ventyd_${randomBytes(6).toString("hex")}`;
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await run(`CREATE DATABASE ${name} TEMPLATE template0`);
  const drop = async () => {
    try {
      // The server itself waits for a few seconds for those who are leaving.
      await run(`DROP DATABASE ${name}`);
    } catch (error) {
      await run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      throw error;
    }
  };
  return { url: withDatabase(server, name), drop };
}

/** Makes a database on the MariaDB server. */
export async function createMysqlDatabase(): Promise<OwnDatabase> {
  const { default: mysql2 } = await import("mysql2/promise");
  const server = await mysqlUrl();
  const name = `ventyd_${randomBytes(6).toString("hex")}`;
  const run = async (sql: string) => {
    const client = await mysql2.createConnection(server);
    await client.query(sql).finally(() => client.end());
  };
  await run(`CREATE DATABASE ${name}`);
  return { url: withDatabase(server, name), drop: () => run(`DROP DATABASE IF EXISTS ${name}`) };
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

function urlOf(kind: SharedServerKind): Promise<string> {
  const known = found.get(kind) ?? find(kind);
  found.set(kind, known);
  return known;
}

async function find(kind: SharedServerKind): Promise<string> {
  const named = process.env[kind.variable];
  if (named !== undefined && named !== "") {
    if (await kind.isUp(named)) return named;
    throw new Error(`${kind.name} cannot be reached at ${named}, which ${kind.variable} names.`);
  }
  for (const url of kind.usual) if (await kind.isUp(url)) return url;
  const shared = process.env[folderVariable];
  if (shared === undefined)
    throw new Error(`${folderVariable} is not set: servers are started in a run of vitest only.`);
  const note = path.join(shared, `${kind.name}.json`);
  // Whoever makes the folder starts the server; the others wait for what he writes down.
  if (isFirst(path.join(shared, `${kind.name}.lock`))) {
    try {
      writeWhole(note, await start(kind));
    } catch (error) {
      writeWhole(note, { error: (error as Error).message });
    }
  }
  for (let waited = 0; !existsSync(note); waited += 50) {
    if (waited > 60_000) throw new Error(`${kind.name} was not started within a minute.`);
    await pause(50);
  }
  const { url, error } = JSON.parse(readFileSync(note, "utf8")) as Partial<Started> & { error?: string };
  if (url === undefined) throw new Error(error);
  return url;
}

/** Prepares a run for servers that are started for it; what it returns ends them, and them only. */
export function shareServers(): () => Promise<void> {
  const shared = mkdtempSync(path.join(tmpdir(), "ventyd-servers-"));
  process.env[folderVariable] = shared;
  return async () => {
    for (const kind of [postgres, mysql]) {
      const note = path.join(shared, `${kind.name}.json`);
      if (!existsSync(note)) continue;
      const started = JSON.parse(readFileSync(note, "utf8")) as Partial<Started>;
      if (started.pid !== undefined) await end(kind, started as Started);
    }
    rmSync(shared, { recursive: true, force: true });
  };
}

async function start(kind: ServerKind): Promise<Started> {
  const { launch, url, folder } = await install(kind, []);
  return { url, pid: await launch(), folder };
}

async function startOwn(kind: ServerKind, options: readonly string[]): Promise<OwnServer> {
  const { launch, url, folder } = await install(kind, options);
  let pid = await launch();
  return {
    url,
    get pid() {
      return pid;
    },
    async start() {
      pid = await launch();
    },
    stop: (signal = kind.stopSignal) => stop(pid, signal),
    async remove() {
      await stop(pid, kind.stopSignal);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function end(kind: ServerKind, { pid, folder }: Started): Promise<void> {
  await stop(pid, kind.stopSignal);
  rmSync(folder, { recursive: true, force: true });
}

/** Makes the files of a server, on a port that is free. */
async function install(kind: ServerKind, options: readonly string[]) {
  const programs = kind.findPrograms();
  if (programs === undefined) {
    const { usual, variable } = kind as Partial<SharedServerKind>;
    const sought = usual === undefined ? "" : `none was found at ${usual.join(", ")}, and `;
    const orName = variable === undefined ? "" : `, or set ${variable} to the URL of one`;
    throw new Error(
      `${kind.name} is needed for these tests: ${sought}its programs are not installed. Run \`${kind.cure}\`${orName}.`,
    );
  }
  const folder = mkdtempSync(path.join(tmpdir(), `ventyd-${kind.name.toLowerCase()}-`));
  const user = process.getuid?.() === 0 ? userOf(kind) : undefined;
  if (user !== undefined) {
    chownSync(folder, user.uid, user.gid);
    chmodSync(folder, 0o700);
  }
  const run: Run = (program, ...args) => {
    const { status, error, stderr, stdout } = spawnSync(program, args, { ...user, cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr + stdout}`);
  };
  const port = await freePort();
  const [program, ...args] = kind.prepare({ programs, folder, port, run });
  const url = kind.urlOf(port);
  const log = path.join(folder, "log");
  const launch = async () => {
    const output = openSync(log, "a");
    // On its own: it outlives the process of the test file that happened to need it first.
    const child = spawn(program, [...args, ...options], {
      ...user,
      cwd: folder,
      detached: true,
      stdio: ["ignore", output, output],
    });
    child.unref();
    let failure: string | undefined;
    child.on("error", (error) => {
      failure = error.message;
    });
    child.on("exit", (code, signal) => {
      failure = `it ended with ${code ?? signal}`;
    });
    for (let waited = 0; !(await kind.isUp(url)); waited += 100) {
      if (failure !== undefined || waited > 30_000) {
        if (child.pid !== undefined && failure === undefined) await stop(child.pid, "SIGKILL");
        throw new Error(`${kind.name} does not start: ${failure ?? "no answer"}\n${readFileSync(log, "utf8")}`);
      }
      await pause(100);
    }
    return child.pid as number;
  };
  return { launch, url, folder };
}

function userOf({ users }: ServerKind): { uid: number; gid: number } | undefined {
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const user of users) {
    const fields = lines.find((line) => line.startsWith(`${user}:`))?.split(":");
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  return undefined;
}

async function stop(pid: number, signal: NodeJS.Signals): Promise<void> {
  for (const [one, patience] of [
    [signal, 15_000],
    ["SIGKILL", 5_000],
  ] as const) {
    if (!isRunning(pid)) return;
    process.kill(pid, one);
    for (let waited = 0; waited < patience && isRunning(pid); waited += 20) await pause(20);
  }
}

/** Also false for one that has ended, and that nobody has asked how. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/\) Z/.test(readFileSync(status, "utf8"));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

/** Nobody may read half of it. */
function writeWhole(file: string, value: object): void {
  writeFileSync(`${file}.new`, JSON.stringify(value));
  renameSync(`${file}.new`, file);
}

async function reaches<T>(connect: () => Promise<T>, end: (connection: T) => Promise<unknown>): Promise<boolean> {
  try {
    await end(await connect());
    return true;
  } catch {
    return false;
  }
}

function programFolders(): string[] {
  return (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
}

function versionIn(folder: string): number {
  return Number(/\d+/.exec(folder)?.[0] ?? 0);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
