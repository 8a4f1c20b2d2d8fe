import { StatefunError } from '@statefun/protocol'
import type { ObjectEntry, ObjectStore } from '../../../packages/engine/src/checkpoint/object-store.ts'
import type { SimProcess } from '../process.ts'
import type { Random } from '../random.ts'
import type { SimBucket } from './sim-bucket.ts'

/** Keys in one page of a listing: few, so that a listing takes several requests. */
const PAGE = 4
/** Tries of a request before its rejection is final. */
const TRIES = 4

/** A bucket as one process uses it: requests and answers can be lost, and what can be repeated is repeated. */
export class SimObjectStore implements ObjectStore {
  readonly url = 's3://bucket/app'
  readonly conditional = true
  readonly #bucket: SimBucket
  readonly #process: SimProcess
  readonly #random: Random
  #closed = false

  constructor(bucket: SimBucket, process: SimProcess, random: Random) {
    this.#bucket = bucket
    this.#process = process
    this.#random = random
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#ask(`get ${key}`, () => {
      const body = this.#bucket.objects.get(key)
      return body === undefined ? undefined : Uint8Array.from(body)
    })
  }

  put(key: string, body: Uint8Array): Promise<void> {
    const copy = Uint8Array.from(body)
    return this.#ask(`put ${key} ${body.length}`, () => void this.#bucket.objects.set(key, copy))
  }

  putNew(key: string, body: Uint8Array): Promise<'stored' | 'exists'> {
    const copy = Uint8Array.from(body)
    return this.#ask(`putNew ${key} ${body.length}`, () => {
      if (this.#bucket.objects.has(key)) return 'exists'
      this.#bucket.objects.set(key, copy)
      return 'stored'
    })
  }

  async *list(prefix: string, after = ''): AsyncIterable<ObjectEntry> {
    let last = after
    for (;;) {
      const page = await this.#ask(`list ${prefix} after ${last}`, () =>
        [...this.#bucket.objects]
          .filter(([key]) => key.startsWith(prefix) && key > last)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .slice(0, PAGE)
          .map(([key, body]) => ({ key, bytes: body.length })),
      )
      yield* page
      if (page.length < PAGE) return
      last = page.at(-1)!.key
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#ask(`remove ${key}`, () => void this.#bucket.objects.delete(key))
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  async #ask<T>(what: string, apply: () => T): Promise<T> {
    for (let tries = 1; ; tries++) {
      const answer = await this.#process.ask({
        what,
        before: this.#bucket.delay(),
        after: this.#bucket.delay(),
        reach: 'remote',
        apply: () => {
          if (!this.#bucket.available) return undefined
          const value = apply()
          return this.#random.chance(this.#bucket.loss) ? undefined : { value }
        },
      })
      if (answer !== undefined) return answer.value
      if (tries === TRIES || this.#closed) {
        throw new StatefunError('SF_OBJECT_STORE_UNAVAILABLE', `${what} failed ${TRIES} times`)
      }
      await new Promise<void>((resolve) => void this.#process.later(5 * 2 ** tries, resolve))
    }
  }
}
