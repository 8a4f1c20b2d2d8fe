import type { InvocationBatch } from '@statefun/protocol'
import { hash } from '../random.ts'
import { textOf } from './message-number.ts'

/** Where the functions run, as far as it can fail. */
export class FunctionServer {
  readonly #seed: number
  /** Mean milliseconds of one way. */
  latency = 1
  /** How likely a call or its answer is lost. */
  loss = 0
  available = true
  /** How likely a message is one that no call with it succeeds, until the server is mended. */
  poison = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  /** Whether a batch is answered. */
  serves({ invocations }: InvocationBatch): boolean {
    if (!this.available) return false
    if (this.poison === 0) return true
    const limit = this.poison * 0x1_0000_0000
    return invocations.every(
      ({ argument }) => hash(this.#seed, 'poison', textOf(argument.value)) >>> 0 >= limit,
    )
  }
}
