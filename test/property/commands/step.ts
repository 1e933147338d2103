import fc from "fast-check";
import { expect } from "vitest";
import type { Model, Row } from "./model.ts";
import { entityIds, type World } from "./world.ts";

/** One thing that is done to the model and to the world alike; both must come to the same, and agree on everything afterwards. */
export class Step implements fc.AsyncCommand<Model, World> {
  readonly #title: string;
  readonly #work: (model: Model, world: World) => Promise<unknown>;

  constructor(title: string, work: (model: Model, world: World) => Promise<unknown>) {
    this.#title = title;
    this.#work = work;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, world: World): Promise<void> {
    await this.#work(model, world);
    await world.check(model);
  }

  toString(): string {
    return this.#title;
  }
}

/** What a call came to: its value, or the code of its error. */
async function outcomeOf<T>(call: Promise<T>): Promise<{ value: T } | { code: string | undefined }> {
  try {
    return { value: await call };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { code: code ?? message };
  }
}

/** The call fails with this code. */
export async function fails(call: Promise<unknown>, code: string): Promise<void> {
  expect(await outcomeOf(call)).toEqual({ code });
}

/** A call that commits answers as the model does. */
export async function answers(
  call: Promise<{ version: number; duplicate: boolean; events: readonly { version: number }[] }>,
  row: Row | { readonly code: string },
  version?: number,
): Promise<void> {
  if ("code" in row) return fails(call, row.code);
  const answer = await call;
  expect(answer.events.map((event) => event.version)).toEqual(row.facts.map((fact) => fact.version));
  expect(answer).toMatchObject({ duplicate: row.duplicate, version: row.facts.at(-1)?.version ?? version });
}

export const name = fc.constantFrom("x", "y", "z");
export const entityId = fc.constantFrom("a", ...entityIds);
/** A place between the first and the last of what there is when the step runs. No `fc.double`: nine of ten of those are next to nothing. */
export const place = fc.constantFrom(...Array.from({ length: 20 }, (_, n) => n / 20));
export const key = fc.option(fc.constantFrom("k1", "k2"), { nil: undefined, freq: 3 });
export const pick = (from: number, to: number, at: number) => from + Math.floor(at * (to - from + 1));

/** Why an entity cannot be loaded. */
export function missing(model: Model, entityId: string): string | undefined {
  if (model.erased.has(entityId)) return "entity_erased";
  return model.stream(entityId).length === 0 ? "entity_not_found" : undefined;
}

export function only(rows: readonly Row[] | { readonly code: string }): Row {
  return "code" in rows ? rows : (rows[0] as Row);
}
