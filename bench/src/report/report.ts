/** A target of a bench and what was measured. */
export interface Goal {
  /** What is compared: `ours / java, batch 20`. */
  readonly name: string
  readonly actual: number
  readonly limit: number
  /** `atLeast` is met when actual >= limit, `below` when actual < limit. */
  readonly want: 'atLeast' | 'below'
  /** Printed after both numbers: `msg/s`, `ms`, `x`. */
  readonly unit: string
}

/** One line of a table: column title to cell, all lines with the same columns. Numbers are aligned to the right. */
export type Row = Readonly<Record<string, string | number>>

/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Where a bench puts what it finds: printed for people at once, kept for `bench/results/<name>.json`. */
export interface Report {
  /** A line of progress: printed on standard error, not kept. */
  note(text: string): void
  /** Printed as an aligned table, kept under `tables`. */
  table(title: string, rows: readonly Row[]): void
  /** Kept under `values`, not printed; a second value of the same name replaces the first. */
  value(name: string, value: Json): void
  /** A sentence that readers of the figures need (what was compared, with what caveat): printed and kept. */
  remark(text: string): void
  /** Printed as met or missed, kept under `goals`. A missed goal does not fail the run. */
  goal(goal: Goal): void
}
