import type { Kafka } from '@statefun/gate/test'
import { CounterCommand, CounterResult } from '../../examples/counter/counter.ts'
import { addTo } from './add-to.ts'
import { newId } from './new-id.ts'

/** Topics of a counter. */
export interface CounterTopics {
  readonly commands: string
  readonly results: string
}

const KEYS = 20

/** Adds one to each of several counters over and over, and knows which totals must come of it. */
export class CountedStream {
  readonly #kafka: Kafka
  readonly #topics: CounterTopics
  readonly #run = newId('stream')
  readonly #ids = Array.from({ length: KEYS }, (_, key) => `${this.#run}-${key}`)
  #sent = 0

  constructor(kafka: Kafka, topics: CounterTopics) {
    this.#kafka = kafka
    this.#topics = topics
  }

  /** Sends commands to the counters in turn. */
  async send(count: number): Promise<void> {
    const commands = Array.from({ length: count }, (_, index) =>
      addTo(this.#ids[(this.#sent + index) % KEYS] ?? '', 1n),
    )
    this.#sent += count
    await this.#kafka.send(this.#topics.commands, commands)
  }

  /**
   * The totals of each counter in the order they came out, and those that must come out: one for each command that the
   * topic holds. It waits until each counter has come to its last one, then adds to each once more, so that whatever
   * comes late comes before that.
   */
  async outcome(): Promise<
    readonly { readonly totals: readonly number[]; readonly wanted: readonly number[] }[]
  > {
    await this.#settled()
    await this.send(KEYS)
    const { commands, results } = await this.#settled()
    return this.#ids.map((id) => ({
      totals: results.get(id) ?? [],
      wanted: Array.from({ length: commands.get(id) ?? 0 }, (_, index) => index + 1),
    }))
  }

  async #settled() {
    const commands = await this.#commands()
    const results = new Map<string, number[]>()
    await this.#kafka.read(this.#topics.results, {
      as: CounterResult,
      match({ value }) {
        if (!commands.has(value.id)) return false
        const totals = results.get(value.id) ?? []
        totals.push(Number(value.total))
        results.set(value.id, totals)
        return true
      },
      until: () => [...commands].every(([id, count]) => (results.get(id)?.at(-1) ?? 0) >= count),
      timeout: '3 min',
    })
    return { commands, results }
  }

  /** How many of each counter the topic holds: a command whose answer died with the broker was sent again. */
  async #commands(): Promise<ReadonlyMap<string, number>> {
    const ends = await this.#kafka.end(this.#topics.commands)
    const counts = new Map<string, number>()
    await this.#kafka.read(this.#topics.commands, {
      as: CounterCommand,
      match({ value, partition, offset }) {
        counts.set(value.id, (counts.get(value.id) ?? 0) + 1)
        return offset + 1 >= (ends[partition] ?? 0)
      },
    })
    return new Map(this.#ids.map((id) => [id, counts.get(id) ?? 0]))
  }
}
