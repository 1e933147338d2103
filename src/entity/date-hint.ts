import { ValidationError } from "../errors/index.ts";

/** Says where a schema has refused the text of a date that was given as one: bodies are JSON before any schema sees them. */
export function withDateHint(error: unknown, body: unknown): unknown {
  if (!(error instanceof ValidationError)) return error;
  const issue = error.issues.find(({ path }) => valueAt(body, path.slice(1)) instanceof Date);
  if (issue === undefined) return error;
  const { entityName, entityId, eventName, eventId, version, issues } = error;
  return new ValidationError(
    error.code,
    `${error.message}\nA date is stored as its ISO text: declare ${issue.path.join(".")} so that it reads text, such as z.coerce.date().`,
    { entityName, entityId, eventName, eventId, version, issues, cause: error },
  );
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);
}
