import type { OutgoingPartition } from './outgoing-partition.ts'

/**
 * Holds partitions back after an error. That the timer fired is what ends a pause: timers fire up to a millisecond early by
 * `performance.now()`, so a comparison with the clock could leave a partition that nobody looks at again.
 */
export class PartitionPauses {
  readonly #over: () => void
  readonly #timers = new Map<OutgoingPartition, NodeJS.Timeout>()

  /** @param over is called whenever a partition may be sent again */
  constructor(over: () => void) {
    this.#over = over
  }

  /** Holds a partition back for `ms` milliseconds from now, whatever held it before. */
  begin(partition: OutgoingPartition, ms: number): void {
    this.hold(partition)
    const timer = setTimeout(() => {
      this.end(partition)
      this.#over()
    }, ms)
    this.#timers.set(partition, timer)
  }

  /** Holds a partition back until {@link begin} gives it a time. */
  hold(partition: OutgoingPartition): void {
    clearTimeout(this.#timers.get(partition))
    this.#timers.delete(partition)
    partition.blocked = true
  }

  /** Ends a pause that {@link begin} began; a partition on {@link hold} stays so. */
  end(partition: OutgoingPartition): void {
    const timer = this.#timers.get(partition)
    if (timer === undefined) return
    clearTimeout(timer)
    this.#timers.delete(partition)
    partition.blocked = false
  }

  /** No timer is left; partitions stay as they are. */
  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}
