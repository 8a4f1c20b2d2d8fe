import type { Core } from '../core/core.ts'

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
): StateEntry[] {
  const type = core.types.known(namespace, name)
  const instance = type?.instances.get(id)
  if (type === undefined || instance === undefined) return []
  const entries: StateEntry[] = []
  for (const [slot, state] of type.states.entries()) {
    const value = instance.values[slot]
    if (value === undefined) continue
    const expiresAt = state.expireMode === 'none' ? undefined : instance.stamp(slot) + state.expireAfterMs
    if (expiresAt !== undefined && expiresAt <= now) continue
    entries.push({ name: state.name, typename: state.typename, value: new Uint8Array(value), expiresAt })
  }
  return entries
}
