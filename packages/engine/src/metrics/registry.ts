/** Labels of a time series, in order of declaration. */
export type Labels = Readonly<Record<string, string>>

/** A number that counts; `inc` with a negative amount is for the up/down counters of contract 5.8. */
export interface Counter {
  inc(amount?: number): void
}

/** Observed durations in milliseconds. */
export interface Histogram {
  observe(milliseconds: number): void
}

/**
 * Where the engine and its connectors register metrics. Handles are made once and kept: nothing is looked up by name on
 * the path of a record.
 */
export interface MetricRegistry {
  counter(name: string, help: string, labels?: Labels): Counter
  /** Read when scraped; undefined ends the series. */
  gauge(name: string, help: string, labels: Labels, read: () => number | undefined): void
  histogram(name: string, help: string, labels?: Labels): Histogram
  /** Prometheus text format 0.0.4. */
  render(): Promise<string>
}
