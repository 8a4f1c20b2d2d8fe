import type { Histogram } from './registry.ts'

/** Flink's histograms look at so many values, too. */
const SIZE = 500

/** The last values observed; quantiles are worked out when somebody asks, observing is a store into an array. */
export class SlidingWindow implements Histogram {
  readonly #values = new Float64Array(SIZE)
  /** All values since the start, not only those in the window. */
  count = 0
  sum = 0

  observe(milliseconds: number): void {
    this.#values[this.count % SIZE] = milliseconds
    this.count++
    this.sum += milliseconds
  }

  /** The value that `share` (0 to 1) of the window do not exceed; 0 when nothing was observed. */
  quantile(share: number): number {
    const size = Math.min(this.count, SIZE)
    if (size === 0) return 0
    const sorted = this.#values.slice(0, size).sort()
    return sorted[Math.min(Math.ceil(size * share), size) - 1] ?? 0
  }
}
