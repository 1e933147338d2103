import fc from "fast-check";
import { applyPatch } from "rfc6902";
import { expect } from "vitest";
import type { Fact } from "./model.ts";
import { answers, entityId, fails, missing, pick, place, Step } from "./step.ts";
import { stateOf } from "./world.ts";

const who = { actor: "alice", reason: "Property" };

export const rollback = fc.tuple(entityId, fc.option(place, { nil: undefined }), fc.boolean()).map(
  ([entityId, at, fromPreview]) =>
    new Step(`roll back ${entityId} to ${at ?? "before its last rollback"}`, async (model, world) => {
      const stream = model.stream(entityId);
      const head = stream.length;
      const lastRollback = stream.findLast(({ toVersion }) => toVersion !== undefined);
      const toVersion = at === undefined ? (lastRollback?.version ?? 2) - 1 : pick(1, Math.max(1, head - 1), at);
      const { repository } = world;
      const call = fromPreview
        ? repository.previewRollback({ entityId, toVersion }).then((preview) => repository.rollback(preview, who))
        : repository.rollback({ entityId, toVersion }, who);
      const problem = missing(model, entityId) ?? (toVersion < head ? undefined : "invalid_version");
      if (problem !== undefined) return fails(call, problem);
      const createdMs = Math.max(world.entityClock.ms, stream.at(-1)?.createdMs as number);
      const fact: Fact = { entityId, version: head + 1, name: "$rolled_back", toVersion, createdMs, recordedMs: 0 };
      model.write([fact], world.storeClock.ms);
      await answers(call, { facts: [fact], duplicate: false });
    }),
);
const form = fc.constantFrom("version", "at", "knownAt", "position");
export const find = fc.tuple(entityId, form, place, fc.constantFrom(-1, 0, 1)).map(
  ([entityId, form, at, nudge]) =>
    new Step(`find ${entityId} by ${form} ${at} ${nudge}`, async (model, world) => {
      const stream = model.stream(entityId);
      const fact = stream[pick(0, stream.length - 1, at)];
      const { log } = world;
      if (fact === undefined || model.inTransaction) return;
      const bounds = {
        version: Math.max(1, fact.version + nudge),
        at: fact.createdMs + nudge,
        knownAt: fact.recordedMs + nudge,
        position: log[Math.max(0, Math.min(log.length - 1, model.log.indexOf(fact) + nudge))]?.position as number,
      };
      const isIncluded = {
        version: ({ version }: Fact) => version <= bounds.version,
        at: ({ createdMs }: Fact) => createdMs <= bounds.at,
        knownAt: ({ recordedMs }: Fact) => recordedMs <= bounds.knownAt,
        position: (it: Fact) => (log[model.log.indexOf(it)]?.position as number) <= bounds.position,
      };
      const part = stream.slice(0, stream.findLastIndex(isIncluded[form]) + 1);
      const asked = {
        version: { version: bounds.version },
        at: { at: new Date(bounds.at) },
        knownAt: { knownAt: new Date(bounds.knownAt) },
        position: { position: bounds.position },
      };
      const call = world.repository.findOne({ entityId, ...(asked[form] as { version: number }) });
      if (part.length === 0) return expect(await call).toBeNull();
      if (model.erased.has(entityId)) return fails(call, "entity_erased");
      const found = await call;
      if (form === "version" && bounds.version > stream.length) return expect(found).toBeNull();
      expect(stateOf(found as NonNullable<typeof found>)).toEqual({
        version: part.length,
        words: model.states(part).at(-1),
      });
    }),
);

export const history = fc
  .tuple(entityId, place, place, fc.integer({ min: 0, max: 5 }), fc.constantFrom("asc", "desc"))
  .map(
    ([entityId, from, to, limit, order]) =>
      new Step(`history of ${entityId}`, async (model, world) => {
        const stream = model.stream(entityId);
        const [after, before] = [pick(0, stream.length, from), pick(0, stream.length + 1, to)];
        const states = model.states(stream);
        const effective = model.effective(stream);
        const isErased = model.erased.has(entityId);
        const stateAt = (version: number) => (version === 0 || isErased ? null : { words: states[version] });
        const asked = stream.filter(({ version }) => version > after && version < before);
        const page = order === "asc" ? asked.slice(0, limit) : asked.toReversed().slice(0, limit);
        const told = await world.repository.history({ entityId, after, before, limit, order: order as "asc" });
        expect(
          told.map(({ event, before, after, effective }) => ({ version: event.version, before, after, effective })),
        ).toEqual(
          page.map(({ version }) => ({
            version,
            before: stateAt(version - 1),
            after: stateAt(version),
            effective: isErased || effective.has(version),
          })),
        );
      }),
  );

export const diff = fc.tuple(entityId, place, place).map(
  ([entityId, from, to]) =>
    new Step(`differences of ${entityId}`, async (model, world) => {
      const stream = model.stream(entityId);
      const range = { from: pick(1, stream.length, from), to: pick(1, stream.length, to) };
      if (stream.length === 0) return fails(world.repository.diff({ entityId, from: 1, to: 1 }), "entity_not_found");
      const call = world.repository.diff({ entityId, ...range });
      if (model.erased.has(entityId)) return fails(call, "entity_erased");
      const states = model.states(stream);
      const document = { words: [...(states[range.from] as string[])] };
      expect(applyPatch(document, [...(await call)] as never).every((problem) => problem === null)).toBe(true);
      expect(document).toEqual({ words: states[range.to] });
    }),
);
