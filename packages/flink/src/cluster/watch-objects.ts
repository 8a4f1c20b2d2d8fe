import { setTimeout as sleep } from 'node:timers/promises'
import { StatefunError } from '@statefun/protocol'
import type { LiveObject, WatchEvent } from './cluster.ts'

/** How objects of one kind are listed and their changes are followed. */
export interface ObjectFeed {
  list(): Promise<{ readonly items: readonly LiveObject[]; readonly resourceVersion: string }>
  /** Lines of the API's watch, from that version on. */
  changes(resourceVersion: string): Promise<AsyncIterable<string>>
}

const RETRY_MS = 500
const NO_RETRY = ['SF_KUBE_REFUSED', 'SF_KUBE_NOT_FOUND', 'SF_KUBE_CONFIG']

/**
 * All objects of a feed as `ADDED`, then their changes. A connection that ends is made again from where it was; where the
 * API no longer knows that place, all are listed again, and what has gone meanwhile is `DELETED`.
 *
 * @throws StatefunError when the feed is refused, or there is no such kind; other failures are repeated
 */
export async function* watchObjects(
  feed: ObjectFeed,
  type: Pick<LiveObject, 'apiVersion' | 'kind'>,
  signal: AbortSignal,
): AsyncIterable<WatchEvent> {
  const known = new Map<string, LiveObject>()
  let version: string | undefined
  while (!signal.aborted) {
    try {
      if (version === undefined) {
        const { items, resourceVersion } = await feed.list()
        // A list names the kind once, for all.
        yield* differences(
          known,
          items.map((item) => ({ ...type, ...item })),
        )
        version = resourceVersion
      }
      for await (const line of await feed.changes(version)) {
        const { type: what, object } = JSON.parse(line) as { type: string; object: LiveObject }
        if (what === 'ERROR') {
          version = undefined
          break
        }
        version = object.metadata?.resourceVersion ?? version
        if (what === 'ADDED' || what === 'MODIFIED' || what === 'DELETED') {
          const full = { ...type, ...object }
          if (what === 'DELETED') known.delete(nameOf(full))
          else known.set(nameOf(full), full)
          yield { type: what, object: full }
        }
      }
    } catch (error) {
      if (signal.aborted) return
      if (NO_RETRY.includes(StatefunError.from(error).code)) throw error
      version = undefined
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}

function* differences(known: Map<string, LiveObject>, items: readonly LiveObject[]): Iterable<WatchEvent> {
  const now = new Set(items.map(nameOf))
  for (const [name, object] of known) {
    if (now.has(name)) continue
    known.delete(name)
    yield { type: 'DELETED', object }
  }
  for (const object of items) {
    const name = nameOf(object)
    const before = known.get(name)
    known.set(name, object)
    if (before?.metadata?.resourceVersion === object.metadata?.resourceVersion && before !== undefined)
      continue
    yield { type: before === undefined ? 'ADDED' : 'MODIFIED', object }
  }
}

function nameOf({ metadata }: LiveObject): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`
}
