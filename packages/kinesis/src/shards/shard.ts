import type { HashRange } from '../aggregate/hash-range.ts'

/** A shard as Kinesis lists it. */
export interface Shard {
  readonly id: string
  /** One when it came out of a split, two after a merge. They may be gone already. */
  readonly parents: readonly string[]
  /** Takes no more records. */
  readonly closed: boolean
  /** Undefined when it is not known. */
  readonly hashRange: HashRange | undefined
}
