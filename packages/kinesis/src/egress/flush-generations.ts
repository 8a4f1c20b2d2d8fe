import type { StatefunError } from '@statefun/protocol'

/** The records that were written between two flushes. */
export interface Generation {
  /** How many of them are not acknowledged. */
  open: number
}

interface Waiter {
  readonly generation: Generation
  readonly resolve: () => void
  readonly reject: (error: StatefunError) => void
}

/** Ends flushes when all that was written before them is acknowledged, in whatever order that happens. */
export class FlushGenerations {
  #current: Generation = { open: 0 }
  #waiters: Waiter[] = []

  /** A record was written; its generation is given back when it is acknowledged. */
  opened(): Generation {
    this.#current.open++
    return this.#current
  }

  closed(generation: Generation): void {
    generation.open--
    if (generation.open === 0) this.#check()
  }

  /** Settles when every record so far is closed. */
  async wait(): Promise<void> {
    if (this.#current.open === 0 && this.#waiters.length === 0) return
    const generation = this.#current
    this.#current = { open: 0 }
    await new Promise<void>((resolve, reject) => {
      this.#waiters.push({ generation, resolve, reject })
      this.#check()
    })
  }

  reject(error: StatefunError): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error)
  }

  /** An older generation that is not through holds the younger ones, too. */
  #check(): void {
    while (this.#waiters[0]?.generation.open === 0) this.#waiters.shift()!.resolve()
  }
}
