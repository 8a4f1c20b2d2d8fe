import { setTimeout as sleep } from 'node:timers/promises'
import type { Sink } from '@statefun/engine'
import { kafkaRecordValue, type StatefunError } from '@statefun/protocol'
import { sinkTo } from './kafka-ends.ts'
import { keyOf, type Plan } from './plan.ts'

const TICK_MS = 5

export interface WriterOptions {
  readonly bootstrap: string
  readonly topic: string
  readonly plan: Plan
  /** Records per second at most; a broker that is away makes it less, and nothing is caught up later. */
  readonly rate: number
}

/** Sends the records of a plan in order, at a steady pace, up to where it is allowed to. */
export class PacedWriter {
  readonly #options: WriterOptions
  readonly #sink: Sink
  #sent = 0
  #allowed = 0
  #closed = false
  #failure: StatefunError | undefined
  #running: Promise<void> = Promise.resolve()

  private constructor(options: WriterOptions, sink: Sink) {
    this.#options = options
    this.#sink = sink
  }

  /** @throws StatefunError when the broker cannot be reached */
  static async open(options: WriterOptions): Promise<PacedWriter> {
    const sink = sinkTo(options.bootstrap)
    const writer = new PacedWriter(options, sink)
    await sink.start({
      drained() {},
      failed: (error) => {
        writer.#failure = error
      },
    })
    writer.#running = writer.#run()
    return writer
  }

  /** Records handed to the broker's client so far. */
  get sent(): number {
    return this.#sent
  }

  /** Lets records up to this number go. */
  allow(records: number): void {
    this.#allowed = Math.min(records, this.#options.plan.records)
  }

  /**
   * Settles when so many records are sent.
   *
   * @throws StatefunError when the broker refuses them for good
   */
  async reached(records: number): Promise<void> {
    while (this.#sent < records) {
      if (this.#failure !== undefined) throw this.#failure
      if (this.#closed) return
      await sleep(TICK_MS)
    }
  }

  /** Settles when all records of the plan are acknowledged. */
  async finish(): Promise<void> {
    this.allow(this.#options.plan.records)
    await this.reached(this.#options.plan.records)
    await this.#sink.flush()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#running
    await this.#sink.stop()
  }

  async #run(): Promise<void> {
    const { plan, topic, rate } = this.#options
    let budget = 0
    let before = performance.now()
    while (!this.#closed && this.#failure === undefined && this.#sent < plan.records) {
      await sleep(TICK_MS)
      const now = performance.now()
      budget = Math.min(budget + ((now - before) / 1000) * rate, rate / 20)
      before = now
      for (; budget >= 1 && this.#sent < this.#allowed && !this.#sink.saturated; budget--) {
        const record = this.#sent++
        const value = Buffer.from(String(record))
        this.#sink.write(kafkaRecordValue({ topic, key: keyOf(plan, record), value, headers: [] }))
      }
      this.#sink.nudge()
    }
  }
}
