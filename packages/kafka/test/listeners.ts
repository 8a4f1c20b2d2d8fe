import type { SinkListener, SourceListener, SourcePartition } from '@statefun/engine'
import type { Metadata, StatefunError } from '@statefun/protocol'

/** A sink listener that remembers what it heard. */
export class RecordedSinkListener implements SinkListener {
  drains = 0
  readonly failures: StatefunError[] = []

  drained(): void {
    this.drains++
  }

  failed(error: StatefunError): void {
    this.failures.push(error)
  }
}

/** A record as a source delivered it. */
export interface Taken {
  readonly partition: string
  readonly id: string
  readonly value: string
  readonly metadata: readonly Metadata[] | undefined
}

/** Takes everything a source has, unless told to hold partitions back. */
export class Taker implements SourceListener {
  readonly taken: Taken[] = []
  readonly partitions = new Map<string, SourcePartition>()
  readonly failures: StatefunError[] = []
  /** Partitions for which this is true are not read. */
  held: (partition: SourcePartition) => boolean = () => false
  #changed: () => void = () => {}

  added(partition: SourcePartition): void {
    this.partitions.set(partition.name, partition)
    this.#changed()
  }

  ready(partition: SourcePartition): void {
    if (!this.held(partition)) this.take(partition)
  }

  failed(error: StatefunError): void {
    this.failures.push(error)
    this.#changed()
  }

  take(partition: SourcePartition): void {
    try {
      while (partition.next()) {
        this.taken.push({
          partition: partition.name,
          id: partition.id(),
          value: Buffer.from(partition.value()).toString(),
          metadata: partition.metadata(),
        })
      }
    } catch (error) {
      this.failures.push(error as StatefunError)
    }
    this.#changed()
  }

  positions(): Map<string, string> {
    return new Map([...this.partitions].map(([name, partition]) => [name, partition.position()]))
  }

  values(): string[] {
    return this.taken.map(({ value }) => value)
  }

  /** Waits for a condition, at most `ms`. */
  async until(condition: () => boolean, what: string, ms = 20_000): Promise<void> {
    const deadline = Date.now() + ms
    while (!condition()) {
      if (Date.now() > deadline) throw new Error(`${what} did not happen; ${this.taken.length} records taken`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50)
        this.#changed = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  count(records: number, ms?: number): Promise<void> {
    return this.until(() => this.taken.length >= records, `${records} records`, ms)
  }
}
