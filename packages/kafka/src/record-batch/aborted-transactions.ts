/** An aborted transaction as a fetch response lists it. */
export interface AbortedTransaction {
  readonly producerId: number
  /** Offset of its first record. */
  readonly firstOffset: number
}

/**
 * Knows, while a response is walked in order of offsets, which producers are inside an aborted transaction: from its first
 * offset up to its abort marker. One producer may abort several times within a response.
 */
export class AbortedTransactions {
  readonly #pending: readonly AbortedTransaction[]
  #next = 0
  readonly #open = new Set<number>()

  constructor(transactions: readonly AbortedTransaction[]) {
    this.#pending = [...transactions].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Opens the transactions that start at or before `offset`. */
  advanceTo(offset: number): void {
    for (; this.#next < this.#pending.length; this.#next++) {
      const transaction = this.#pending[this.#next]!
      if (transaction.firstOffset > offset) return
      this.#open.add(transaction.producerId)
    }
  }

  /** The abort marker of the producer was passed. */
  finished(producerId: number): void {
    this.#open.delete(producerId)
  }

  has(producerId: number): boolean {
    return this.#open.has(producerId)
  }
}
