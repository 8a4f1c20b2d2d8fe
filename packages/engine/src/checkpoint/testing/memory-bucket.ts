import { StatefunError } from '@statefun/protocol'
import type { ObjectEntry, ObjectStore } from '../object-store.ts'

/** One call of a store. */
export interface StoreCall {
  readonly kind: 'get' | 'put' | 'putNew' | 'list' | 'remove'
  /** Of `list` the prefix, of `remove` the first key. */
  readonly key: string
  /** Of what is written. */
  readonly bytes: number
}

/**
 * What becomes of a call: it works, it is rejected without effect (`fail`), it has its effect and is rejected nevertheless
 * (`lose`), or it has its effect, the answer is lost and the store repeats it (`repeat`).
 */
export type StoreFate = 'work' | 'fail' | 'lose' | 'repeat'

export interface MemoryStoreOptions {
  /** Asked before each call; undefined is `work`; what it waits for delays the call, also beyond the end of the store. */
  readonly before?: (call: StoreCall) => StoreFate | undefined | Promise<StoreFate | undefined>
  /** Waited for between the effect of a call and its answer. */
  readonly after?: (call: StoreCall) => void | Promise<void>
  /** False: putNew replaces what is there; default true. */
  readonly conditional?: boolean
  /** What {@link ObjectStore.conditional} says; default as `conditional`. */
  readonly claimsConditional?: boolean
  /** Keys of one page of a listing; between two pages the bucket may change. Default 1000. */
  readonly pageSize?: number
}

/** A bucket in memory: what survives while stores over it come and go. */
export class MemoryBucket {
  readonly objects = new Map<string, Uint8Array>()
  /** Calls that had an effect or an answer, by kind. */
  readonly calls: Record<StoreCall['kind'], number> = { get: 0, put: 0, putNew: 0, list: 0, remove: 0 }

  /** All keys, in order. */
  keys(): string[] {
    return [...this.objects.keys()].sort()
  }

  store(options: MemoryStoreOptions = {}): ObjectStore {
    return new MemoryStore(this, options)
  }
}

class MemoryStore implements ObjectStore {
  readonly url = 'memory://bucket'
  readonly conditional: boolean
  readonly #bucket: MemoryBucket
  readonly #options: MemoryStoreOptions
  readonly #closing = new AbortController()

  constructor(bucket: MemoryBucket, options: MemoryStoreOptions) {
    this.#bucket = bucket
    this.#options = options
    this.conditional = options.claimsConditional ?? options.conditional ?? true
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#call({ kind: 'get', key, bytes: 0 }, () => {
      const object = this.#bucket.objects.get(key)
      return object === undefined ? undefined : new Uint8Array(object)
    })
  }

  put(key: string, body: Uint8Array): Promise<void> {
    return this.#call({ kind: 'put', key, bytes: body.length }, () => {
      this.#bucket.objects.set(key, new Uint8Array(body))
    })
  }

  putNew(key: string, body: Uint8Array): Promise<'stored' | 'exists'> {
    return this.#call({ kind: 'putNew', key, bytes: body.length }, () => {
      if (this.#options.conditional !== false && this.#bucket.objects.has(key)) return 'exists'
      this.#bucket.objects.set(key, new Uint8Array(body))
      return 'stored'
    })
  }

  async *list(prefix: string, after = ''): AsyncIterable<ObjectEntry> {
    const { pageSize = 1000 } = this.#options
    for (let from = after; ; ) {
      const page = await this.#call({ kind: 'list', key: prefix, bytes: 0 }, () =>
        this.#bucket
          .keys()
          .filter((key) => key.startsWith(prefix) && key > from)
          .slice(0, pageSize)
          .map((key) => ({ key, bytes: this.#bucket.objects.get(key)!.length })),
      )
      yield* page
      const last = page.at(-1)
      if (last === undefined || page.length < pageSize) return
      from = last.key
    }
  }

  remove(keys: readonly string[]): Promise<void> {
    return this.#call({ kind: 'remove', key: keys[0] ?? '', bytes: 0 }, () => {
      for (const key of keys) this.#bucket.objects.delete(key)
    })
  }

  async close(): Promise<void> {
    this.#closing.abort()
  }

  #call<T>(call: StoreCall, effect: () => T): Promise<T> {
    const { signal } = this.#closing
    return new Promise((resolve, reject) => {
      const closed = () => reject(new StatefunError('SF_OBJECT_STORE_CLOSED', 'the object store is closed'))
      if (signal.aborted) return closed()
      signal.addEventListener('abort', closed, { once: true })
      this.#run(call, effect)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', closed))
    })
  }

  async #run<T>(call: StoreCall, effect: () => T): Promise<T> {
    const { before, after } = this.#options
    const fate = (await before?.(call)) ?? 'work'
    if (fate === 'fail') throw unavailable(call)
    this.#bucket.calls[call.kind]++
    let answer = effect()
    if (fate === 'repeat') answer = effect()
    await after?.(call)
    if (fate === 'lose') throw unavailable(call)
    return answer
  }
}

function unavailable({ kind, key }: StoreCall): StatefunError {
  return new StatefunError('SF_OBJECT_STORE_UNAVAILABLE', `${kind} was not answered`, { where: key })
}
