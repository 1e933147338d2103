import type { Change, SeenEvent, State } from "./facts.ts";

export const nothing: State = { count: 0, trail: 0 };

/** The state after a number was added. */
export function added({ count, trail }: State, number: number): State {
  return { count: count + 1, trail: (Math.imul(trail, 31) + number) | 0 };
}

/** Every state that entities have come to, by the harness's own fold: it shares nothing with the library's. */
export class Fold {
  readonly #states = new Map<string, State[]>();

  /** Goes on with an event; whoever has not seen the ones before it has nothing to go on with. */
  add({ entityId, version, change }: SeenEvent): void {
    if (change === undefined) return;
    let states = this.#states.get(entityId);
    if (states === undefined) {
      states = [nothing];
      this.#states.set(entityId, states);
    }
    if (version === states.length) states.push(this.#next(states, change));
  }

  #next(states: readonly State[], change: Change): State {
    if ("add" in change) return added(states.at(-1) as State, change.add);
    return states[change.back] ?? nothing;
  }

  at(entityId: string, version: number): State | undefined {
    return version === 0 ? nothing : this.#states.get(entityId)?.[version];
  }

  entityIds(): Iterable<string> {
    return this.#states.keys();
  }
}

export function isSameState(a: State | undefined, b: State | undefined): boolean {
  return a !== undefined && b !== undefined && a.count === b.count && a.trail === b.trail;
}
