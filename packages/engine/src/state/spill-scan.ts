import type { FunctionType } from '../core/function-type.ts'
import type { StoredStateVisitor } from '../core/spill.ts'
import { recordBlocks } from './record-blocks.ts'
import type { Mark, SpillStore } from './spill-store.ts'
import { isExpired, visitRecord } from './spilled-record.ts'

/**
 * What a base snapshot needs of the disk. Instances move between memory and disk while it is taken, so it has three parts
 * that must come in this order: {@link stored}, then what is in memory, then {@link appended}. Whatever did not change
 * meanwhile is in at least one of them; what did is in the change log, and what the parts say of it does not matter.
 *
 * - On disk when the scan began and still there when its record was reached: in the first part.
 * - Brought into memory before that: still there in the second part, or moved to disk again, to the third part.
 * - In memory when the scan began: in the second part, or moved to disk before that, to the third part.
 *
 * That is why the third part has every record that was appended since the beginning, its key's current one or not.
 */
export class SpillScan {
  readonly #store: SpillStore
  readonly #types: readonly FunctionType[]
  readonly #begin: Mark

  constructor(store: SpillStore, types: readonly FunctionType[]) {
    this.#store = store
    this.#types = types
    this.#begin = store.mark
    store.pin()
  }

  /** The records that were there when the scan began; it yields after each block of them. */
  async *stored(now: number, visit: StoredStateVisitor): AsyncGenerator<void> {
    for (const segment of [...this.#store.segments.values()]) {
      if (segment.id > this.#begin.segment) break
      const to = segment.id === this.#begin.segment ? this.#begin.offset : segment.bytes
      for await (const block of recordBlocks(this.#store, segment, 0, to)) {
        this.#store.forEachLive(segment, block, (at) => this.#visit(block.buffer, at, now, visit))
        yield
      }
    }
  }

  /** The records that were appended since. */
  async *appended(now: number, visit: StoredStateVisitor): AsyncGenerator<void> {
    const end = this.#store.mark
    for (const segment of [...this.#store.segments.values()]) {
      if (segment.id < this.#begin.segment || segment.id > end.segment) continue
      const from = segment.id === this.#begin.segment ? this.#begin.offset : 0
      const to = segment.id === end.segment ? end.offset : segment.bytes
      for await (const block of recordBlocks(this.#store, segment, from, to)) {
        this.#store.forEach(block, (at) => this.#visit(block.buffer, at, now, visit))
        yield
      }
    }
  }

  end(): void {
    this.#store.unpin()
  }

  #visit(from: Buffer, at: number, now: number, visit: StoredStateVisitor): void {
    visitRecord(from, at, (number, idStart, idEnd, slot, stamp, valueStart, valueEnd) => {
      const type = this.#types[number]!
      if (isExpired(type, slot, stamp, now)) return
      visit(type, slot, stamp, from, idStart, idEnd, valueStart, valueEnd)
    })
  }
}
