import type { StoredEvent } from "../../../schema/event.ts";
import { type EncodedCommit, insertedEvent } from "../../../storage/index.ts";
import type { SqlConnection } from "../executor.ts";
import type { TableNames } from "../migrations/postgres.ts";
import { bodyIsOutputFlag, one } from "./postgres-rows.ts";

/**
 * One statement: the end of each entity is moved, which locks it, then its narrow rows are inserted, which draws their positions, with what stands beside
 * them. What has moved meanwhile, or is held by somebody, is left out, and so are its events.
 */
export async function appendTogether(
  connection: SqlConnection,
  t: TableNames,
  commits: readonly EncodedCommit[],
  { nowMs }: { readonly nowMs: number | undefined },
): Promise<readonly (readonly StoredEvent[] | undefined)[]> {
  const all = commits.flatMap(({ events }) => events);
  const perCommit = <T extends string | number | null>(value: (encoded: EncodedCommit) => T) => commits.map(value);
  const perEvent = <T extends string | number | null>(value: (event: (typeof all)[number]) => T) => all.map(value);
  const { answer } = await one<{ answer: string }>(
    connection,
    // As text, which no driver and no setting of the application's reads in another way.
    `SELECT ${t.append}($1::text[], $2::text[], $3::bigint[], $4::int[], $5::text[], $6::text[], $7::bigint, $8::text[], $9::text[], $10::text[],
       $11::bigint[], $12::text[], $13::text[], $14::int[], $15::text[], $16::text[]) AS answer`,
    [
      perCommit(({ commit }) => commit.entityName),
      perCommit(({ commit }) => commit.entityId),
      perCommit(({ commit }) => commit.expectedVersion as number),
      perCommit(({ events }) => events.length),
      perCommit(({ commit }) => commit.expectedEventId ?? null),
      perCommit(({ commit }) => commit.idempotencyKey ?? null),
      nowMs ?? null,
      perEvent(({ event }) => event.eventId),
      perEvent(({ event }) => event.eventName),
      perEvent(({ event }) => event.eventCreatedAt),
      perEvent(({ createdMs }) => createdMs),
      perEvent(({ event }) => event.metadata.actor ?? null),
      perEvent(({ event }) => event.metadata.correlationId ?? null),
      perEvent(({ event }) => (event.bodyIsOutput ? bodyIsOutputFlag : 0)),
      perEvent(({ bodyText }) => bodyText),
      perEvent(({ metadataText }) => metadataText),
    ],
  );
  // For each commit when it was recorded and the positions of its events, or nothing but NULL.
  const numbers = answer.slice(1, -1).split(",").map(Number);
  let next = 0;
  return commits.map(({ commit, events }) => {
    const recordedMs = numbers[next++] as number;
    if (Number.isNaN(recordedMs)) return undefined;
    return events.map(({ event }, ordinal) => {
      const version = (commit.expectedVersion as number) + ordinal + 1;
      return insertedEvent(commit, event, { version, recordedMs }, numbers[next++] as number);
    });
  });
}
