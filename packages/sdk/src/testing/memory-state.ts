import {
  type Address,
  formatAddress,
  type StateMutation,
  type StateSpec,
  type TypedValue,
} from '@statefun/protocol'

interface Entry {
  readonly value: TypedValue
  /** Virtual milliseconds from which the expiration counts. */
  stamp: number
}

/** The states of all addresses, with expirations in virtual time (contract 5.5). */
export class MemoryState {
  readonly #addresses = new Map<string, Map<string, Entry>>()

  /** The value, unless it has expired. The bytes are a copy: nothing a function does in place may reach the store. */
  read(address: Address, spec: StateSpec, now: number): TypedValue | undefined {
    const entries = this.#addresses.get(formatAddress(address))
    const entry = entries?.get(spec.stateName)
    if (entry === undefined) return undefined
    if (spec.expireMode !== 'none' && entry.stamp + spec.expireAfterMs <= now) {
      entries?.delete(spec.stateName)
      return undefined
    }
    return { ...entry.value, value: entry.value.value.slice() }
  }

  /** Starts the after-call expirations anew, as every invocation does. */
  touch(address: Address, spec: StateSpec, now: number): void {
    const entry = this.#addresses.get(formatAddress(address))?.get(spec.stateName)
    if (entry !== undefined && spec.expireMode === 'after-invoke') entry.stamp = now
  }

  apply(address: Address, mutation: StateMutation, now: number): void {
    const key = formatAddress(address)
    let entries = this.#addresses.get(key)
    if (entries === undefined) {
      entries = new Map()
      this.#addresses.set(key, entries)
    }
    if (mutation.value === undefined) entries.delete(mutation.stateName)
    else entries.set(mutation.stateName, { value: mutation.value, stamp: now })
  }
}
