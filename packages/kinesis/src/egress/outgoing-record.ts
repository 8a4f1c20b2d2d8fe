import type { Address } from '@statefun/protocol'
import type { Generation } from './flush-generations.ts'

/** A record on its way to a stream. */
export interface OutgoingRecord {
  readonly partitionKey: string
  readonly explicitHashKey: string | undefined
  readonly data: Uint8Array
  /** Of data and partition key, which is what Kinesis counts. */
  readonly bytes: number
  /** Whose record it is, as far as known. */
  readonly sender: Address | undefined
  /** `performance.now()` when it was written. */
  readonly writtenAt: number
  readonly generation: Generation
  /** Requests that it was in and that did not deliver it. */
  failures: number
}

/** Why a record of a request was not taken. */
export interface RecordFailure {
  /** `ProvisionedThroughputExceededException`, `InternalFailure` */
  readonly code: string
  readonly message: string
}
