import { randomBytes } from "node:crypto";
import { InputError } from "../history.ts";

/** A kind of server, and how to make a database on it. */
export interface Server {
  readonly name: string;
  /** A URL of one. */
  readonly example: string;
  /** What such URLs begin with. */
  readonly schemes: readonly string[];
  /** The environment variable that names one. */
  readonly variable: string;
  /** Where one usually is, and what it usually takes for credentials. */
  readonly usual: readonly string[];
  /** The database to be in while another one is made. */
  readonly home: string;
  create(name: string): string;
  drop(name: string): string;
  /** Connects, runs a statement and leaves. */
  run(url: string, sql: string): Promise<void>;
}

/** A database on a server. */
export interface Place {
  readonly url: string;
  /** The URL without the password. */
  readonly place: string;
  /** False where it was made for this run. */
  readonly isKept: boolean;
  /** Removes what was made for this run. */
  drop(): Promise<void>;
}

/** The database that the user names; where he names none, one of our own, so that no run meets what another has left. */
export async function findPlace(server: Server, given: string | undefined): Promise<Place> {
  const named = given ?? (process.env[server.variable] || undefined);
  if (named !== undefined) checkUrl(server, named);
  if (given !== undefined && databaseOf(given) !== "") {
    await server.run(given, "SELECT 1").catch((error) => fail(server, [given], error));
    return { url: given, place: withoutPassword(given), isKept: true, drop: async () => {} };
  }
  const name = `ventyd_demo_${randomBytes(6).toString("hex")}`;
  const candidates = named === undefined ? server.usual : [named];
  let failure: unknown;
  for (const candidate of candidates) {
    const home = databaseOf(candidate) === "" ? withDatabase(candidate, server.home) : candidate;
    try {
      await server.run(home, server.create(name));
    } catch (error) {
      failure ??= error;
      continue;
    }
    const url = withDatabase(home, name);
    return { url, place: withoutPassword(url), isKept: false, drop: () => server.run(home, server.drop(name)) };
  }
  return fail(server, candidates, failure);
}

function checkUrl({ example, schemes }: Server, url: string): void {
  if (URL.canParse(url) && schemes.includes(new URL(url).protocol)) return;
  throw new InputError(`Not a URL of this store: ${withoutPassword(url)}. Give one such as ${example}.`);
}

function fail({ name, example, variable }: Server, urls: readonly string[], error: unknown): never {
  const tried = urls.map(withoutPassword).join(", ");
  throw new InputError(
    `Cannot use ${name} at ${tried}: ${messageOf(error)}. Start the server there, or say where it is: --url ${example}, or ${variable}.`,
    { cause: error },
  );
}

/** Node gives several addresses of one host one error without a message. */
function messageOf(error: unknown): string {
  const { message, errors, code } = error as Error & { errors?: readonly Error[]; code?: string };
  return (message || errors?.[0]?.message || code || String(error)).replace(/\.$/, "");
}

function databaseOf(url: string): string {
  return new URL(url).pathname.replace(/^\//, "");
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return url;
  const shown = new URL(url);
  shown.password = "";
  return shown.href;
}
