/**
 * Makes a `generateId` for tests: `entity-1`, `entity-2` ... for entities and `event-1`, `event-2` ... for events, each counted by itself.
 *
 * @param prefix stands before every id, with a hyphen: `"order"` makes `order-event-1`. Default: none.
 *
 * @example
 * const TestPost = Entity(postSchema, postReducer, { generateId: createTestIds() });
 * TestPost.create({ body: { title: "Hello" } }).entityId; // "entity-1"
 */
export function createTestIds(prefix?: string): (type: "entityId" | "eventId") => string {
  const counts = { entity: 0, event: 0 };
  return (type) => {
    const kind = type === "entityId" ? "entity" : "event";
    counts[kind] += 1;
    const id = `${kind}-${counts[kind]}`;
    return prefix === undefined ? id : `${prefix}-${id}`;
  };
}
