import type { Invocation } from '@statefun/protocol'
import type { EpochChanges } from './epoch-changes.ts'
import type { Instance } from './instance.ts'
import type { AddedTimers } from './timers/added-timers.ts'
import type { Float64Pieces } from './timers/pieces.ts'

/** Where a partition resumes. */
export interface PartitionPosition {
  readonly ingress: string
  readonly partition: string
  readonly position: string
}

/** Messages that an address has received and whose effects are not in the state: in flight first, then its backlog. */
export interface PendingMessages {
  readonly instance: Instance
  readonly messages: readonly Invocation[]
  /** How many of `messages` count, from the start: the list may have grown since. */
  readonly length: number
  /** How many of them go out one by one. */
  readonly isolate: number
}

/** Messages of a parked address from `from` on; what was logged before from there on is replaced. */
export interface ParkedMessages {
  readonly instance: Instance
  readonly from: number
  readonly messages: readonly Invocation[]
  /** False: the address was redriven or is gone, drop what was kept. */
  readonly parked: boolean
}

/** Records of an exactly-once egress that are published once their epoch is durable. */
export interface SealedOutbox {
  readonly egress: string
  /** The last epoch known to be published when the cut was made. */
  readonly published: number
  /** Values in order of emission, each a varint of its length and its bytes (see outbox-values.ts). */
  readonly values: Uint8Array
}

/**
 * All that changed in one checkpoint epoch, cut between two events of the core (contract 5.6).
 *
 * It holds references to bytes and lists that do not change until it is encoded, so it can be written while the job goes on.
 */
export interface SealedEpoch {
  readonly epoch: number
  /** Epoch milliseconds of the cut. */
  readonly time: number
  /** All partitions. */
  readonly positions: readonly PartitionPosition[]
  readonly changes: EpochChanges
  /** All of them: an epoch replaces the list of the one before. */
  readonly pending: readonly PendingMessages[]
  readonly parked: readonly ParkedMessages[]
  readonly timersAdded: AddedTimers
  /** Sequence numbers of delayed messages that earlier epochs added. */
  readonly timersRemoved: Float64Pieces
  /** Sequence number that the next delayed message gets. */
  readonly nextTimer: number
  /** One for each exactly-once egress, also when nothing was emitted. */
  readonly outboxes: readonly SealedOutbox[]
}
