/** The schemas of whole events by full name and by short name; both answer, the full names are what one sees when listing them. */
export type EventSchemas<TFull extends string, TShort extends string, TSchemas extends Record<TShort, unknown>> = {
  readonly [K in TShort as `${TFull}${K}`]: TSchemas[K];
} & { readonly [K in TShort]: TSchemas[K] };

/** Builds the schema of an event when it is first asked for: parsing does not need it. */
export function eventSchemas<TBody, TEnvelope>(
  prefix: string,
  bodies: { readonly [shortName: string]: TBody },
  build: (eventName: string, body: TBody) => TEnvelope,
): never {
  const schemas = {};
  for (const shortName of Object.keys(bodies)) {
    let built: TEnvelope | undefined;
    const get = () => (built ??= build(prefix + shortName, bodies[shortName] as TBody));
    Object.defineProperty(schemas, prefix + shortName, { get, enumerable: true });
    Object.defineProperty(schemas, shortName, { get });
  }
  return schemas as never;
}
