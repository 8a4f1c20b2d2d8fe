import type { InputRecord } from '../model/prediction.ts'
import type { Random } from '../random.ts'
import type { Scheduler } from '../scheduler.ts'

export interface InputShape {
  readonly partitions: number
  /** Records of each partition. */
  readonly records: number
  readonly ids: readonly string[]
  /** Function types that get every record. */
  readonly targets: readonly string[]
  /** Milliseconds over which they arrive. */
  readonly spanMs: number
}

/** The topic that the engine reads: everything that will ever be in it, and when it gets there. */
export class Input {
  readonly targets: readonly string[]
  readonly partitions: ReadonlyMap<string, readonly InputRecord[]>
  readonly #arrivals: ReadonlyMap<string, readonly number[]>
  readonly #scheduler: Scheduler
  /** Mean milliseconds of a fetch. */
  latency = 1

  constructor(shape: InputShape, random: Random, scheduler: Scheduler) {
    this.targets = shape.targets
    this.#scheduler = scheduler
    const partitions = new Map<string, InputRecord[]>()
    const arrivals = new Map<string, number[]>()
    for (let partition = 0; partition < shape.partitions; partition++) {
      // As with Kafka, a key is always in the same partition.
      const ids = shape.ids.filter((_, index) => index % shape.partitions === partition)
      const name = `in/${partition}`
      const records: InputRecord[] = []
      for (let offset = 0; offset < shape.records; offset++) {
        records.push({ id: random.pick(ids), number: `${partition}/${offset}`, targets: shape.targets })
      }
      partitions.set(name, records)
      arrivals.set(
        name,
        records.map(() => random.float() * shape.spanMs).sort((a, b) => a - b),
      )
    }
    this.partitions = partitions
    this.#arrivals = arrivals
  }

  /** How many records of a partition are there by now. */
  arrived(partition: string): number {
    const arrivals = this.#arrivals.get(partition)!
    let count = 0
    while (count < arrivals.length && arrivals[count]! <= this.#scheduler.now) count++
    return count
  }

  delay(random: Random): number {
    return random.delay(this.latency)
  }

  *records(): Generator<InputRecord> {
    for (const records of this.partitions.values()) yield* records
  }
}
