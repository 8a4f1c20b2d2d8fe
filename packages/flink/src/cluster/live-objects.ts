import type { Cluster, LiveObject } from './cluster.ts'
import type { ResourceKind } from './resource-kind.ts'

/** Objects of several kinds in a namespace, kept up to date by watches. */
export class LiveObjects implements AsyncDisposable {
  readonly #objects = new Map<string, Map<string, LiveObject>>()
  readonly #stop = new AbortController()
  readonly #watches: Promise<void>[]
  #failure: { readonly error: unknown } | undefined
  #wake: () => void = () => {}
  #changed = false

  /**
   * @param options `optional`: kinds that the cluster may not have, or not let us see; `selector`: of labels, for all kinds
   *   but those
   */
  constructor(
    cluster: Cluster,
    namespace: string,
    kinds: readonly ResourceKind[],
    options: {
      readonly optional?: readonly ResourceKind[]
      readonly selector?: string
      readonly signal?: AbortSignal
    } = {},
  ) {
    const { optional = [], selector, signal } = options
    signal?.addEventListener('abort', () => this.#end(), { signal: this.#stop.signal })
    if (signal?.aborted === true) this.#stop.abort()
    this.#watches = [...kinds, ...optional].map(async (kind) => {
      const objects = new Map<string, LiveObject>()
      this.#objects.set(kind.kind, objects)
      const narrowed = selector === undefined || optional.includes(kind) ? {} : { selector }
      try {
        for await (const { type, object } of cluster.watch(kind, namespace, {
          signal: this.#stop.signal,
          ...narrowed,
        })) {
          const name = object.metadata?.name ?? ''
          if (type === 'DELETED') objects.delete(name)
          else objects.set(name, object)
          this.#notify()
        }
      } catch (error) {
        if (!optional.includes(kind)) this.#failure ??= { error }
        this.#notify()
      }
    })
  }

  /** What is there of a kind, by now. */
  of(kind: ResourceKind): readonly LiveObject[] {
    return [...(this.#objects.get(kind.kind)?.values() ?? [])]
  }

  get(kind: ResourceKind, name: string): LiveObject | undefined {
    return this.#objects.get(kind.kind)?.get(name)
  }

  /**
   * Settles at the next change, after `ms`, or when the signal of the constructor is aborted.
   *
   * @throws what a watch that is needed has failed with
   */
  async changed(ms: number): Promise<void> {
    if (!this.#changed && this.#failure === undefined && !this.#stop.signal.aborted) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        timer = setTimeout(resolve, ms)
      })
      clearTimeout(timer)
    }
    this.#changed = false
    if (this.#failure !== undefined) throw this.#failure.error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end()
    await Promise.all(this.#watches)
  }

  #notify(): void {
    this.#changed = true
    this.#wake()
  }

  #end(): void {
    this.#stop.abort()
    this.#wake()
  }
}
