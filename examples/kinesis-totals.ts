import { setTimeout as sleep } from 'node:timers/promises'
import { CounterResult } from './kinesis-counter/counter.ts'

const TIMEOUT_MS = 120_000

/** The totals that were read, by id, in their order. */
export class Totals {
  readonly #byId = new Map<string, bigint[]>()
  readonly #signal: AbortSignal

  /** @param signal ends waiting */
  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  add(data: Uint8Array): void {
    const { id, total } = CounterResult.deserialize(data)
    this.#byId.set(id, [...this.of(id), total])
  }

  of(id: string): readonly bigint[] {
    return this.#byId.get(id) ?? []
  }

  /** 0 when there is none. */
  last(id: string): bigint {
    return this.of(id).at(-1) ?? 0n
  }

  /** How many there are for some ids. */
  count(ids: readonly string[]): number {
    return ids.reduce((sum, id) => sum + this.of(id).length, 0)
  }

  /** Settles when it is so; rejects when that takes too long. */
  async until(reached: () => boolean): Promise<void> {
    const deadline = performance.now() + TIMEOUT_MS
    while (!reached()) {
      if (performance.now() > deadline) throw new Error(`not all results came within ${TIMEOUT_MS / 1000} s`)
      await sleep(50, undefined, { signal: this.#signal })
    }
  }
}
