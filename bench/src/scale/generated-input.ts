import type { Connector, Sink, Source, SourceListener, SourcePartition } from '@statefun/engine'
import type { TypedValue } from '@statefun/protocol'
import { VALUE_TYPE } from '../app/names.ts'

const VALUE = Buffer.alloc(100)

/**
 * An ingress that makes its records up: first one for each key, then keys drawn evenly at random or in rounds, the same ones
 * in every run. Its egress counts.
 */
export class GeneratedInput {
  readonly keys: number
  emitted = 0
  #limit = 0
  #taken = 0
  #key = 0
  readonly #step: number
  #rounds = false
  #random = 0x2545f491
  #listener: SourceListener | undefined
  #awaited = Number.POSITIVE_INFINITY
  #reached: () => void = () => undefined

  constructor(keys: number) {
    this.keys = keys
    this.#step = stepThrough(keys)
  }

  /** Settles when `records` more have come out at the other end. */
  async run(records: number): Promise<void> {
    this.#limit += records
    this.#awaited = this.emitted + records
    const reached = new Promise<void>((resolve) => {
      this.#reached = resolve
    })
    this.#listener?.ready(this.#partition)
    await reached
  }

  /** The same with keys in rounds: each key once in each of them, all over the place. */
  async runRounds(records: number): Promise<void> {
    this.#rounds = true
    await this.run(records)
    this.#rounds = false
  }

  /** As {@link run}, handed in evenly over time; what does not fit into a moment comes with the next one. */
  async runPaced(records: number, perSecond: number): Promise<void> {
    this.#awaited = this.emitted + records
    const reached = new Promise<void>((resolve) => {
      this.#reached = resolve
    })
    const began = performance.now()
    const first = this.#limit
    const last = first + records
    const clock = setInterval(() => {
      this.#limit = Math.min(last, first + Math.floor(((performance.now() - began) * perSecond) / 1000))
      this.#listener?.ready(this.#partition)
    }, 2)
    await reached
    clearInterval(clock)
  }

  connector(): Connector {
    return { createSource: ({ id }) => this.#source(id), createSink: ({ id }) => this.#sink(id) }
  }

  #source(id: string): Source {
    return {
      id,
      start: async (listener, positions) => {
        this.#listener = listener
        this.#taken = Number(positions.get(this.#partition.name) ?? 0)
        this.#limit = this.#taken
        listener.added(this.#partition)
      },
      committed() {},
      stop: async () => undefined,
    }
  }

  #sink(id: string): Sink {
    return {
      id,
      saturated: false,
      start: async () => undefined,
      write: (_value: TypedValue) => {
        if (++this.emitted === this.#awaited) this.#reached()
      },
      nudge() {},
      flush: async () => undefined,
      stop: async () => undefined,
    }
  }

  readonly #partition: SourcePartition = {
    name: 'generated/0',
    route: { valueType: VALUE_TYPE, targets: ['bench/counter'] },
    next: () => {
      if (this.#taken === this.#limit) return false
      if (this.#taken < this.keys) this.#key = this.#taken
      else this.#key = this.#rounds ? (this.#key + this.#step) % this.keys : this.#draw()
      this.#taken++
      return true
    },
    id: () => `key-${this.#key}`,
    value: () => VALUE,
    metadata: () => undefined,
    position: () => String(this.#taken),
  }

  #draw(): number {
    // Marsaglia's xorshift.
    let x = this.#random
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#random = x
    return (x >>> 0) % this.keys
  }
}

/** Adding it again and again leads to each of so many numbers before the first one comes again. */
function stepThrough(count: number): number {
  let step = Math.max(1, Math.round(count * 0.618))
  while (divisor(step, count) !== 1) step++
  return step
}

/** The greatest common one. */
function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b)
}
