import type { Address, Invocation } from '@statefun/protocol'

/** A delayed message that waits. */
export interface Timer {
  /** Grows with every delayed message of the job; also the order within one millisecond (contract 5.4). */
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly due: number
  readonly target: Address
  /** `caller` is the sender. */
  readonly invocation: Invocation
  readonly token: string | undefined
}
