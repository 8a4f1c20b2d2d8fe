import { StatefunError } from '@statefun/protocol'
import type { Manifest } from '../render/manifests-of.ts'
import type { ApplyOptions, Cluster, LiveObject, LogOptions, WatchEvent } from './cluster.ts'
import { kindOf, type ResourceKind } from './resource-kind.ts'

/** Told of every object that is applied or deleted, after it: where a test plays the controllers of a cluster. */
export type Controller = (cluster: MemoryCluster, event: WatchEvent) => void

/**
 * A cluster in memory, for tests: objects, watches, logs, and controllers that a test brings. Apply merges what is given
 * over what is there, and counts `generation` up when the spec has changed.
 */
export class MemoryCluster implements Cluster {
  readonly context = 'memory'
  readonly namespace: string
  /** What `logs` gives, by pod; `<pod>/previous` for the container before. */
  readonly logLines = new Map<string, readonly string[]>()
  readonly controllers: Controller[] = []
  /** Every apply that was not a dry run, in order: `Kind/name by manager`. */
  readonly applied: string[] = []
  readonly #objects = new Map<string, LiveObject>()
  readonly #listeners = new Set<(event: WatchEvent) => void>()
  #version = 0

  constructor(namespace = 'default') {
    this.namespace = namespace
  }

  async get(kind: ResourceKind, namespace: string, name: string): Promise<LiveObject | undefined> {
    return this.#objects.get(keyOf(kind, namespace, name))
  }

  async list(kind: ResourceKind, namespace: string, selector?: string): Promise<readonly LiveObject[]> {
    return this.#list(kind, namespace, selector)
  }

  async apply(manifest: Manifest, options: ApplyOptions = {}): Promise<LiveObject> {
    const kind = kindOf(manifest)
    const { name, namespace } = manifest.metadata
    const before = this.#objects.get(keyOf(kind, namespace, name))
    const merged = merge(before ?? {}, JSON.parse(JSON.stringify(manifest))) as LiveObject
    const changed = JSON.stringify(merged.spec) !== JSON.stringify(before?.spec)
    const generation = (before?.metadata?.generation ?? 0) + (changed ? 1 : 0)
    const object = { ...merged, metadata: { ...merged.metadata, generation } }
    if (options.dryRun === true) return object
    this.applied.push(`${manifest.kind}/${name} by ${options.manager ?? 'statefun'}`)
    return this.put(object)
  }

  async delete(kind: ResourceKind, namespace: string, name: string): Promise<boolean> {
    const object = this.#objects.get(keyOf(kind, namespace, name))
    if (object === undefined) return false
    this.#objects.delete(keyOf(kind, namespace, name))
    this.#tell({ type: 'DELETED', object })
    return true
  }

  async *watch(
    kind: ResourceKind,
    namespace: string,
    { selector, signal }: { selector?: string; signal: AbortSignal },
  ): AsyncIterable<WatchEvent> {
    const queue: WatchEvent[] = this.#list(kind, namespace, selector).map((object) => ({
      type: 'ADDED',
      object,
    }))
    let wake = () => {}
    const listener = (event: WatchEvent) => {
      if (matches(event.object, kind, namespace, selector)) queue.push(event)
      wake()
    }
    this.#listeners.add(listener)
    signal.addEventListener('abort', () => wake())
    try {
      while (!signal.aborted) {
        const event = queue.shift()
        if (event !== undefined) yield event
        else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      this.#listeners.delete(listener)
    }
  }

  async *logs(_namespace: string, pod: string, options: LogOptions = {}): AsyncIterable<string> {
    const lines = this.logLines.get(options.previous === true ? `${pod}/previous` : pod)
    if (lines === undefined) throw new StatefunError('SF_KUBE_NOT_FOUND', `pods "${pod}" not found`)
    yield* options.tail === undefined ? lines : lines.slice(-options.tail)
  }

  /** Puts an object there as it is, as a controller does. */
  put(object: LiveObject): LiveObject {
    const { namespace = this.namespace, name = '' } = object.metadata ?? {}
    const key = keyOf(kindOf(object), namespace, name)
    const resourceVersion = String(++this.#version)
    const stored = {
      ...object,
      metadata: { uid: `uid-${key}`, ...object.metadata, namespace, resourceVersion },
    }
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED'
    this.#objects.set(key, stored)
    this.#tell({ type, object: stored })
    return stored
  }

  /** Sets the status of an object that is there. */
  setStatus(kind: ResourceKind, name: string, status: unknown, namespace = this.namespace): void {
    const object = this.#objects.get(keyOf(kind, namespace, name))
    if (object !== undefined) this.put({ ...object, status })
  }

  #list(kind: ResourceKind, namespace: string, selector?: string): readonly LiveObject[] {
    return [...this.#objects.values()].filter((object) => matches(object, kind, namespace, selector))
  }

  #tell(event: WatchEvent): void {
    for (const listener of this.#listeners) listener(event)
    for (const controller of this.controllers) controller(this, event)
  }
}

function keyOf({ kind }: ResourceKind, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`
}

function matches(object: LiveObject, { kind }: ResourceKind, namespace: string, selector?: string): boolean {
  if (object.kind !== kind || object.metadata?.namespace !== namespace) return false
  const labels = object.metadata.labels ?? {}
  return (selector ?? '')
    .split(',')
    .filter((part) => part !== '')
    .every((part) => {
      const [name = '', value] = part.split('=')
      return labels[name] === value
    })
}

function merge(before: unknown, after: unknown): unknown {
  if (typeof after !== 'object' || after === null || Array.isArray(after)) return after
  if (typeof before !== 'object' || before === null || Array.isArray(before)) return after
  const merged: Record<string, unknown> = { ...before }
  for (const [key, value] of Object.entries(after)) merged[key] = merge(merged[key], value)
  return merged
}
