import type { EntitySummary } from "../../storage/index.ts";
import type { SqliteConnection } from "./connection.ts";

/** Hops from id to id along the index, so that the cost of a page does not grow with the number of events. */
const entitiesSql = `
WITH RECURSIVE asked (name, after, size) AS (VALUES (?, ?, ?)),
found (id, n) AS (
  SELECT (SELECT min(entity_id) FROM ventyd_log WHERE tenant = '' AND entity_name = name AND entity_id > after), 1 FROM asked
  UNION ALL
  SELECT (SELECT min(entity_id) FROM ventyd_log WHERE tenant = '' AND entity_name = name AND entity_id > id), n + 1
  FROM found, asked WHERE id IS NOT NULL AND n < size
)
SELECT last.entity_name AS entityName, last.entity_id AS entityId, last.version, first.event_created_at AS createdAt,
  last.event_created_at AS updatedAt, last.actor AS lastActor
FROM found, asked
JOIN ventyd_log first ON first.tenant = '' AND first.entity_name = name AND first.entity_id = id AND first.version = 1
JOIN ventyd_log last ON last.tenant = '' AND last.entity_name = name AND last.entity_id = id
  AND last.version = (SELECT max(version) FROM ventyd_log WHERE tenant = '' AND entity_name = name AND entity_id = id)
ORDER BY n`;

export function listEntities(
  connection: SqliteConnection,
  entityName: string,
  after: string,
  limit: number,
): EntitySummary[] {
  return connection
    .all<Omit<EntitySummary, "lastActor"> & { lastActor: string | null }>(entitiesSql, entityName, after, limit)
    .map((row) => ({ ...row, lastActor: row.lastActor ?? undefined }));
}
