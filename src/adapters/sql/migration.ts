/** A numbered step of a database's schema. Numbers grow by one; a migration that has been released never changes. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  /** True when code that does not know this migration must not go on using the tables. */
  readonly breaking: boolean;
  /** Statements, in order. */
  readonly sql: readonly string[];
}
