import type { CheckpointStorage } from '../checkpoint/storage.ts'
import type { Clock } from '../clock.ts'
import type { Sink } from '../connector/sink.ts'
import type { Source } from '../connector/source.ts'
import type { TransactionalSink } from '../connector/transactional-sink.ts'
import type { FunctionType } from '../core/function-type.ts'
import type { FunctionBinding } from '../core/function-types.ts'
import type { Logger } from '../logger.ts'
import type { DiskStateSettings } from '../state/disk-state.ts'
import type { Transport } from '../transport/transport.ts'

/** The surroundings and settings of one incarnation of an app. */
export interface JobOptions {
  readonly sources: readonly Source[]
  readonly sinks: readonly (Sink | TransactionalSink)[]
  /** Of this incarnation, unlike that of any other one. */
  readonly owner: string
  readonly bindings: readonly FunctionBinding[]
  /** The way to a function type; called once for each. */
  readonly transportFor: (type: FunctionType) => Transport
  readonly storage: CheckpointStorage
  /** From cut to cut. */
  readonly checkpointIntervalMs: number
  readonly compactAfterBytes: number
  /** Calls under way at once (contract 5.3); <= 0 is unlimited. */
  readonly maxInFlight: number
  /** Messages and bytes in mailboxes from which no more input is taken. */
  readonly maxPendingMessages: number
  readonly maxPendingBytes: number
  /** Settings of the disk backend; without, all state is in memory. */
  readonly disk?: DiskStateSettings | undefined
  readonly clock: Clock
  readonly logger: Logger
}
