/** What a row came to: two figures of one run, and how they relate. */
export interface Figures {
  readonly ours: number;
  readonly beside: number;
  /** `ours` over `beside`; the median over the rounds, where there are rounds. */
  readonly ratio: number;
}

/** One line of the benchmark. */
export interface Row {
  readonly name: string;
  /** What `ours` and `beside` are counted in. */
  readonly unit: string;
  /** Where the ratio should lie; a row without one informs. */
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
  /** @param seconds how long to measure; setting up comes on top. */
  measure(seconds: number): Promise<Figures>;
}
