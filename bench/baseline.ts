import { z } from "zod";

/**
 * The least that an event-sourcing library of the usual kind does, to stand beside ours: it validates the whole envelope with one Zod
 * schema, makes the first event of an entity twice, keeps mutations as closures of each instance, and knows neither versions that are
 * checked nor metadata nor copies.
 */
export interface BaselineEvent {
  eventId: string;
  eventCreatedAt: string;
  eventName: string;
  entityId: string;
  entityName: string;
  body: unknown;
  version?: number | undefined;
}

export interface BaselineDefinition<TState> {
  readonly entityName: string;
  readonly initialEventName: string;
  readonly envelopes: { readonly [eventName: string]: z.ZodType<BaselineEvent> };
  readonly reducer: (state: TState, event: never) => TState;
}

/** @param bodies the schema of each event's body, by short name. */
export function defineBaseline<TState>(
  entityName: string,
  bodies: { readonly [shortName: string]: z.ZodType },
  initialName: string,
  reducer: BaselineDefinition<TState>["reducer"],
): BaselineDefinition<TState> {
  const envelopes = Object.entries(bodies).map(([shortName, body]) => {
    const eventName = `${entityName}:${shortName}`;
    const envelope = z.object({
      eventId: z.string(),
      eventCreatedAt: z.string(),
      eventName: z.literal(eventName),
      entityId: z.string(),
      entityName: z.string(),
      body,
      version: z.number().optional(),
    });
    return [eventName, envelope] as const;
  });
  return {
    entityName,
    initialEventName: `${entityName}:${initialName}`,
    envelopes: Object.fromEntries(envelopes),
    reducer,
  };
}

export class BaselineEntity<TState> {
  readonly entityId: string;
  state: TState | null = null;
  version = 0;
  queue: BaselineEvent[] = [];
  readonly #definition: BaselineDefinition<TState>;

  constructor(definition: BaselineDefinition<TState>, body: unknown) {
    this.#definition = definition;
    this.entityId = crypto.randomUUID();
    this.#makeEvent(definition.initialEventName, body);
    this.dispatch(definition.initialEventName, body);
  }

  dispatch(eventName: string, body: unknown): void {
    const event = this.#makeEvent(eventName, body);
    this.queue.push(event);
    this.state = this.#definition.reducer(this.state as TState, event as never);
    this.version++;
  }

  #makeEvent(eventName: string, body: unknown): BaselineEvent {
    const envelope = this.#definition.envelopes[eventName];
    if (envelope === undefined) throw new Error(`Unknown event: ${eventName}`);
    return envelope.parse({
      eventId: crypto.randomUUID(),
      eventCreatedAt: new Date().toISOString(),
      eventName,
      entityId: this.entityId,
      entityName: this.#definition.entityName,
      body,
      version: this.version + 1,
    });
  }
}

/** Keeps events in memory, an array for each entity. */
export class BaselineAdapter {
  readonly #events = new Map<string, BaselineEvent[]>();

  async commitEvents({ entityId, events }: { entityId: string; events: readonly BaselineEvent[] }): Promise<void> {
    const stored = this.#events.get(entityId);
    if (stored === undefined) this.#events.set(entityId, [...events]);
    else stored.push(...events);
  }
}

export async function commitBaseline(
  adapter: BaselineAdapter,
  entity: Pick<BaselineEntity<unknown>, "entityId" | "queue">,
): Promise<void> {
  const events = entity.queue;
  entity.queue = [];
  await adapter.commitEvents({ entityId: entity.entityId, events });
}
