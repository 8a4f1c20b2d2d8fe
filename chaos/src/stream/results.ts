import type { Source, SourcePartition } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { type Result, resultOf } from '../check/check-results.ts'
import { endOffsets } from './end-offsets.ts'
import { committedSource } from './kafka-ends.ts'

export interface ResultsOptions {
  readonly bootstrap: string
  readonly topic: string
  readonly partitions: number
}

/** Results kept for a look at them. */
const KEPT = 500

/** Everything that a `read_committed` reader sees of a topic of results, from its beginning, as it becomes visible. */
export class Results {
  /** In order of visibility, by key. */
  readonly byKey = new Map<string, Result[]>()
  /** The last ones, oldest first: `<partition> <key> <total> <record>`. */
  readonly last: string[] = []
  readonly #options: ResultsOptions
  readonly #source: Source
  readonly #partitions = new Map<number, SourcePartition>()
  readonly #records = new Set<number>()
  readonly #watches = new Set<() => void>()
  #count = 0
  #failure: StatefunError | undefined

  private constructor(options: ResultsOptions) {
    this.#options = options
    this.#source = committedSource(options.bootstrap, options.topic)
  }

  /** @throws StatefunError when the broker cannot be reached */
  static async open(options: ResultsOptions): Promise<Results> {
    const results = new Results(options)
    await results.#start()
    return results
  }

  get topic(): string {
    return this.#options.topic
  }

  /** Results that became visible, repetitions included. */
  get count(): number {
    return this.#count
  }

  /** Records that have a result. */
  get distinct(): number {
    return this.#records.size
  }

  /**
   * Settles with the next result that becomes visible from now on: one behind everything that is in the topic already,
   * which the reader may only not have come to.
   *
   * @returns `performance.now()` when it was seen
   */
  async next(timeoutMs: number, what: string): Promise<number> {
    const { bootstrap, topic, partitions } = this.#options
    const ends = await endOffsets(bootstrap, topic, partitions)
    let at = 0
    await this.#until(timeoutMs, `a result after ${what}`, () => {
      for (const [index, end] of ends) if (this.#position(index) > end) at = performance.now()
      return at > 0
    })
    return at
  }

  /** Settles when so many records have a result. */
  reached(records: number, timeoutMs: number): Promise<void> {
    return this.#until(timeoutMs, `${records} results`, () => this.#records.size >= records)
  }

  /**
   * Settles when everything that is in the topic now was read. With no engine at work that is all there will ever be.
   *
   * @throws StatefunError `SF_CHAOS_TIMEOUT` also when a transaction was left open, which keeps readers from going on
   */
  async drained(timeoutMs: number): Promise<void> {
    const { bootstrap, topic, partitions } = this.#options
    const ends = await endOffsets(bootstrap, topic, partitions)
    await this.#until(timeoutMs, 'the end of the topic of results (is a transaction open?)', () => {
      for (const [index, end] of ends) if (this.#position(index) < end) return false
      return true
    })
  }

  async close(): Promise<void> {
    await this.#source.stop()
  }

  #start(): Promise<void> {
    return this.#source.start(
      {
        added: (partition) => this.#partitions.set(partitionIndex(partition), partition),
        ready: (partition) => this.#take(partition),
        failed: (error) => {
          this.#failure = error
          this.#changed()
        },
      },
      new Map(),
    )
  }

  #take(partition: SourcePartition): void {
    while (partition.next()) {
      const key = partition.id()
      const result = resultOf(Buffer.from(partition.value()).toString())
      const results = this.byKey.get(key)
      if (results === undefined) this.byKey.set(key, [result])
      else results.push(result)
      this.#records.add(result.record)
      if (this.last.push(`${partition.name} ${key} ${result.total} ${result.record}`) > 2 * KEPT) {
        this.last.splice(0, KEPT)
      }
      this.#count++
    }
    this.#changed()
  }

  #position(index: number): number {
    return Number(this.#partitions.get(index)?.position() ?? 0)
  }

  #changed(): void {
    for (const watch of this.#watches) watch()
  }

  async #until(timeoutMs: number, what: string, condition: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const watch = () => {
      if (this.#failure !== undefined) reject(this.#failure)
      else if (condition()) resolve()
    }
    this.#watches.add(watch)
    // A position may move without a record: over the end of a transaction.
    const poll = setInterval(watch, 50)
    const timer = setTimeout(() => {
      const seen = `${this.#records.size} records have one`
      reject(new StatefunError('SF_CHAOS_TIMEOUT', `no ${what} within ${timeoutMs / 1000} s; ${seen}`))
    }, timeoutMs)
    watch()
    try {
      await promise
    } finally {
      clearInterval(poll)
      clearTimeout(timer)
      this.#watches.delete(watch)
    }
  }
}

function partitionIndex({ name }: SourcePartition): number {
  return Number(name.slice(name.lastIndexOf('/') + 1))
}
