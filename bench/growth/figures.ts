import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** At so many events, milliseconds. */
export interface Point {
  readonly events: number;
  readonly commit: number;
  readonly load: number;
}

/** What one run has measured of one store. */
export interface StoreFigures {
  /** Date, machine and versions. */
  readonly taken: string;
  /** By events that the store holds: a commit of one event, a load of an entity of a hundred. */
  readonly byStored: readonly Point[];
  /** By events of the entity: a commit of one event to it, a load of it. */
  readonly byEntity: readonly Point[];
}

export type Figures = Readonly<Record<string, StoreFigures>>;

const file = path.join(import.meta.dirname, "figures.json");

/** The figures that the docs show. */
export function readFigures(): Figures {
  return JSON.parse(readFileSync(file, "utf8"));
}

export function writeFigures(figures: Figures): void {
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
}
