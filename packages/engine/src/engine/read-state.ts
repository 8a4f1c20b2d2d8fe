import type { Core } from '../core/core.ts'
import type { DiskState } from '../state/disk-state.ts'

/** One state of an instance as it is stored. */
export interface StateEntry {
  readonly name: string
  readonly typename: string
  readonly value: Uint8Array
  /** Epoch milliseconds; undefined when it does not expire. */
  readonly expiresAt: number | undefined
}

/** The states of an instance that have a value and have not expired. */
export function readState(
  core: Core,
  namespace: string,
  name: string,
  id: string,
  now: number,
  disk?: DiskState,
): StateEntry[] {
  const type = core.types.known(namespace, name)
  if (type === undefined) return []
  const inMemory = type.inMemory(id)
  const instance = inMemory === undefined || inMemory.loading ? disk?.peek(type, id) : inMemory
  if (instance === undefined) return []
  const entries: StateEntry[] = []
  for (const [slot, state] of type.states.entries()) {
    const value = instance.value(slot)
    if (value === undefined) continue
    const expiresAt = state.expireMode === 'none' ? undefined : instance.stamp(slot) + state.expireAfterMs
    if (expiresAt !== undefined && expiresAt <= now) continue
    entries.push({ name: state.name, typename: state.typename, value: new Uint8Array(value), expiresAt })
  }
  return entries
}

/** Ids of a function's instances, at most `limit`: first those in memory, in order of first use, then those on disk. */
export async function instanceIds(
  core: Core,
  namespace: string,
  name: string,
  limit: number,
  disk?: DiskState,
): Promise<string[]> {
  const type = core.types.known(namespace, name)
  if (type === undefined) return []
  const ids: string[] = []
  for (const instance of type.allInMemory()) {
    if (ids.length === limit) return ids
    // One that is being read is on disk.
    if (!instance.loading) ids.push(instance.id)
  }
  return disk === undefined ? ids : [...new Set([...ids, ...(await disk.ids(type, limit - ids.length))])]
}
