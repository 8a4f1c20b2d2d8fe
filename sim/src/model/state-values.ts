import type { PersistedValue, StateSpec } from '@statefun/protocol'
import { textOf } from '../functions/message-number.ts'
import { demand } from '../violation.ts'

interface Cell {
  readonly text: string
  /** Epoch milliseconds from which on it is gone. */
  readonly expires: number
}

/** The states of all addresses with their expirations (contract 5.5). */
export class StateValues {
  readonly #specs: ReadonlyMap<string, StateSpec>
  readonly #cells: Map<string, Cell>
  /** The latest time that a clock has shown: what had expired by then may be gone also when it was set back since. */
  readonly #latest: () => number

  constructor(specs: readonly StateSpec[], latest: () => number, before?: StateValues) {
    this.#specs = new Map(specs.map((spec) => [spec.stateName, spec]))
    this.#latest = latest
    this.#cells = new Map(before?.cells())
  }

  cells(): IterableIterator<[string, Cell]> {
    return this.#cells.entries()
  }

  clone(): StateValues {
    return new StateValues([...this.#specs.values()], this.#latest, this)
  }

  /** The value by `type/id` and name as it is at `now`. */
  get(key: string, name: string): string | undefined {
    return this.#cells.get(`${key} ${name}`)?.text
  }

  /** Values go out with a call. */
  attached(key: string, states: readonly PersistedValue[], now: number): void {
    for (const { stateName, stateValue } of states) {
      const text = stateValue === undefined ? undefined : textOf(stateValue.value)
      const cell = this.#cells.get(`${key} ${stateName}`)
      this.#compare(`state ${stateName} of ${key} at ${now}`, cell, text, now)
      const spec = this.#specs.get(stateName)!
      // One that is missing by right may come back, when the clock is set back and the engine restarts.
      if (cell !== undefined && text !== undefined && spec.expireMode === 'after-invoke') {
        this.#set(key, spec, text, now)
      }
    }
  }

  /** A call changed a value. */
  changed(key: string, name: string, text: string | undefined, now: number): void {
    if (text === undefined) this.#cells.delete(`${key} ${name}`)
    else this.#set(key, this.#specs.get(name)!, text, now)
  }

  #set(key: string, { stateName, expireMode, expireAfterMs }: StateSpec, text: string, now: number): void {
    const expires = expireMode === 'none' ? Number.POSITIVE_INFINITY : now + expireAfterMs
    this.#cells.set(`${key} ${stateName}`, { text, expires })
  }

  #compare(what: string, cell: Cell | undefined, text: string | undefined, now: number): void {
    if (cell === undefined) {
      demand(text === undefined, () => `${what} is ${text}, it has none`)
    } else if (text === undefined) {
      demand(
        this.#latest() >= cell.expires,
        () => `${what} is missing, it is ${cell.text} until ${cell.expires}`,
      )
    } else {
      demand(now < cell.expires, () => `${what} is ${text}, it expired at ${cell.expires}`)
      demand(text === cell.text, () => `${what} is ${text}, it is ${cell.text}`)
    }
  }
}
