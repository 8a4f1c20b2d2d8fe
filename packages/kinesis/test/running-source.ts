import type { KinesisIngressDefinition, SourcePartition } from '@statefun/engine'
import type { StatefunError } from '@statefun/protocol'
import { KinesisSource } from '../src/kinesis-source.ts'
import { recordedContext } from './recorded-context.ts'

/** A source whose records are taken at once, on the machine's clock. */
export class RunningSource {
  readonly context = recordedContext()
  readonly failures: StatefunError[] = []
  /** Values by id, in the order in which they came. */
  readonly received = new Map<string, string[]>()
  /** Without it nothing is taken. */
  taking = true
  readonly #source: KinesisSource
  readonly #partitions = new Set<SourcePartition>()
  readonly #positions: Map<string, string>

  private constructor(definition: KinesisIngressDefinition, positions: ReadonlyMap<string, string>) {
    this.#source = new KinesisSource(definition, this.context)
    this.#positions = new Map(positions)
  }

  static async start(
    definition: KinesisIngressDefinition,
    positions: ReadonlyMap<string, string> = new Map(),
  ): Promise<RunningSource> {
    const running = new RunningSource(definition, positions)
    await running.#source.start(
      {
        added: (partition) => void running.#partitions.add(partition),
        ready: () => void setImmediate(() => running.take()),
        removed: (name) => running.#remove(name),
        failed: (error) => void running.failures.push(error),
      },
      positions,
    )
    return running
  }

  /** Takes what is buffered. */
  take(): void {
    if (!this.taking) return
    for (const partition of this.#partitions) {
      while (partition.next()) {
        const id = partition.id()
        const values = this.received.get(id) ?? []
        values.push(Buffer.from(partition.value()).toString())
        this.received.set(id, values)
      }
    }
  }

  #remove(name: string): void {
    for (const partition of this.#partitions) if (partition.name === name) this.#partitions.delete(partition)
    this.#positions.delete(name)
  }

  get count(): number {
    let count = 0
    for (const values of this.received.values()) count += values.length
    return count
  }

  get positions(): ReadonlyMap<string, string> {
    for (const partition of this.#partitions) this.#positions.set(partition.name, partition.position())
    return new Map(this.#positions)
  }

  stop(): Promise<void> {
    this.taking = false
    return this.#source.stop()
  }
}
