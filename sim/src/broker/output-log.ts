/** One record of an output partition, or the end of a transaction. */
export interface OutputEntry {
  readonly value: string
  /** Undefined for a record outside of transactions. */
  readonly transaction: Transaction | undefined
}

/** What became of a transaction. */
export interface Transaction {
  state: 'open' | 'committing' | 'committed' | 'aborted'
}

/** The output partition of one egress. */
export class OutputLog {
  readonly entries: OutputEntry[] = []
  #stable = 0
  /** What consumers with `read_committed` see, in order. */
  readonly visible: string[] = []

  append(value: string, transaction: Transaction | undefined): void {
    this.entries.push({ value, transaction })
  }

  /** Moves the last stable offset: readers get nothing behind the first transaction that is open. */
  advance(): void {
    for (; this.#stable < this.entries.length; this.#stable++) {
      const { value, transaction } = this.entries[this.#stable]!
      if (transaction?.state === 'open' || transaction?.state === 'committing') return
      if (transaction?.state !== 'aborted') this.visible.push(value)
    }
  }
}
