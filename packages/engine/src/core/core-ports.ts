import type { FunctionResponse, InvocationBatch, StatefunError, TypedValue } from '@statefun/protocol'
import type { Feed } from './feed.ts'
import type { FunctionTypes } from './function-types.ts'
import type { Instance } from './instance.ts'
import type { SealedOutbox } from './sealed-epoch.ts'

/** What the core asks of its surroundings. It performs no I/O and reads no clock itself. */
export interface CorePorts {
  /**
   * Carries a batch to its function. An answer that is there at once is returned; undefined means that
   * `answered` or `failed` will be called later, exactly once.
   */
  invoke(instance: Instance, batch: InvocationBatch): FunctionResponse | undefined
  /**
   * The record goes to its egress, or into the open epoch's outbox of an exactly-once one.
   *
   * @throws StatefunError for an unknown egress or a value that it does not take
   */
  emit(namespace: string, name: string, value: TypedValue, sender: Instance): void
  /** Closes the outboxes of the epoch that is being cut. */
  sealOutboxes(epoch: number): readonly SealedOutbox[]
  /** A partition that was blocked may be read again. */
  unblocked(feed: Feed): void
  /** A call's retry budget is used up and policy keeps the job running. */
  gaveUp(instance: Instance, error: StatefunError, action: 'isolated' | 'parked' | 'dead-lettered'): void
}

/** What a core is made with. */
export interface CoreOptions {
  readonly types: FunctionTypes
  readonly ports: CorePorts
  /** Calls under way at once over all addresses (contract 5.3, `statefun.async.max-per-task`). */
  readonly maxInFlight: number
}
