import type { StatefunError } from '@statefun/protocol'
import type { OutgoingBatch } from './outgoing-batch.ts'
import type { OutgoingPartition } from './outgoing-partition.ts'

interface Waiter {
  /** Unset until nothing waits for its topic; then the newest batch that counts. */
  target: number | undefined
  readonly pending: () => boolean
  readonly resolve: () => void
  readonly reject: (error: StatefunError) => void
}

/** Knows the batches that are not acknowledged, and ends flushes when those of their time are. */
export class FlushWaiters {
  readonly #live = new Map<OutgoingBatch, OutgoingPartition>()
  #waiters: Waiter[] = []
  #lastId = 0

  /** A batch begins; returns its id. */
  opened(batch: OutgoingBatch, partition: OutgoingPartition): number {
    this.#live.set(batch, partition)
    return ++this.#lastId
  }

  /** A batch was acknowledged or replaced. */
  closed(batch: OutgoingBatch): void {
    this.#live.delete(batch)
    this.check()
  }

  /** The batch that has waited longest. */
  oldest(): { readonly batch: OutgoingBatch; readonly partition: OutgoingPartition } | undefined {
    let oldest: { readonly batch: OutgoingBatch; readonly partition: OutgoingPartition } | undefined
    for (const [batch, partition] of this.#live) {
      if (oldest === undefined || batch.createdAt < oldest.batch.createdAt) oldest = { batch, partition }
    }
    return oldest
  }

  /** @param pending true while values wait that are in no batch yet */
  wait(pending: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ target: undefined, pending, resolve, reject })
      this.check()
    })
  }

  /** Ends the flushes that need not wait any more. */
  check(): void {
    if (this.#waiters.length === 0) return
    let first = Number.POSITIVE_INFINITY
    for (const { id } of this.#live.keys()) first = Math.min(first, id)
    this.#waiters = this.#waiters.filter((waiter) => {
      if (waiter.target === undefined) {
        if (waiter.pending()) return true
        waiter.target = this.#lastId
      }
      if (first <= waiter.target) return true
      waiter.resolve()
      return false
    })
  }

  reject(error: StatefunError): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error)
  }
}
