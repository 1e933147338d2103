import { type AttributionPolicy, checkPolicy } from "../../attribution/policy.ts";
import { ValidationError } from "../../errors/index.ts";
import { checkWhole } from "../../storage/index.ts";

/** Options of every store that speaks SQL. */
export interface SqlStoreOptions {
  /** Largest body in bytes of its JSON text; default 1 MiB, up to 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** The clock behind `recordedAt`; default that of the database, on SQLite the system's. For tests. */
  readonly now?: (() => Date) | undefined;
  /** What every commit must say about itself, whoever commits; default `"optional"`. A repository may ask for more. */
  readonly attribution?: AttributionPolicy | undefined;
}

/** Options of every store on a server. */
export interface ServerStoreOptions extends SqlStoreOptions {
  /** What the names of tables begin with; default `"ventyd_"`. */
  readonly tablePrefix?: string | undefined;
}

const mebibyte = 1024 * 1024;

/**
 * Fills in what was left out.
 *
 * @throws {ValidationError} `invalid_option`.
 */
export function readOptions<TOptions extends SqlStoreOptions>(options: TOptions) {
  const { maxBodyBytes = mebibyte, attribution = "optional" } = options;
  checkPolicy(attribution);
  checkWhole("maxBodyBytes", maxBodyBytes, 1, 16 * mebibyte);
  return { ...options, maxBodyBytes, attribution, now: options.now };
}

/**
 * What tables are called, in statements: none of it is quoted.
 *
 * @param quote how the database quotes the name of a schema.
 * @throws {ValidationError} `invalid_option`.
 */
export function readNames(
  {
    schema,
    tablePrefix = "ventyd_",
  }: { readonly schema?: string | undefined; readonly tablePrefix?: string | undefined },
  quote: string,
): { readonly prefix: string; readonly inSchema: (name: string) => string } {
  for (const [option, name] of Object.entries({ schema, tablePrefix })) {
    if (name === undefined || /^[a-z_][a-z0-9_]{0,39}$/.test(name)) continue;
    throw new ValidationError(
      "invalid_option",
      `Invalid option: ${option} is ${JSON.stringify(name)}. Give at most 40 lower-case letters, digits and underscores, a letter first.`,
    );
  }
  const place = schema === undefined ? "" : `${quote}${schema}${quote}.`;
  return { prefix: tablePrefix, inSchema: (name) => place + tablePrefix + name };
}
