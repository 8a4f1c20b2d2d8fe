import {
  type FunctionResponse,
  type InvocationBatch,
  StatefunError,
  type StateSpec,
} from '@statefun/protocol'
import type { Transport } from '../../../packages/engine/src/transport/transport.ts'
import type { SimProcess } from '../process.ts'
import type { Random } from '../random.ts'
import { answer } from './answer.ts'
import type { FunctionServer } from './function-server.ts'
import type { Program } from './program.ts'

/** Told of the calls of a function type. */
export interface CallWatch {
  invoked(batch: InvocationBatch): void
  /** Answered within the call, as functions in the engine's process are. */
  answeredAtOnce(batch: InvocationBatch, response: FunctionResponse): void
}

export interface SimTransportOptions {
  readonly program: Program
  readonly specs: readonly StateSpec[]
  readonly server: FunctionServer
  readonly process: SimProcess
  readonly random: Random
  readonly watch: CallWatch
  readonly concurrency: number
  /** Whether the function runs in the engine's process and answers at once. */
  readonly atOnce: boolean
  /** Milliseconds that a call may take with all its repetitions. */
  readonly budgetMs: number
}

/** The way to one function type: calls are repeated within their budget, and answers come in any order. */
export class SimTransport implements Transport {
  readonly concurrency: number
  readonly #options: SimTransportOptions

  constructor(options: SimTransportOptions) {
    this.#options = options
    this.concurrency = options.concurrency
  }

  invoke(batch: InvocationBatch): FunctionResponse | Promise<FunctionResponse> {
    const { program, specs, watch, atOnce } = this.#options
    watch.invoked(batch)
    // Its values may be overwritten as soon as an epoch is encoded: a request holds bytes of its own.
    const response = answer(program, specs, batch)
    if (!atOnce) return this.#call(batch, response)
    watch.answeredAtOnce(batch, response)
    return response
  }

  async close(): Promise<void> {}

  async #call(batch: InvocationBatch, response: FunctionResponse): Promise<FunctionResponse> {
    const { server, process, random, budgetMs } = this.#options
    const { type, id } = batch.target
    const began = process.clock.monotonic()
    for (let tries = 1; ; tries++) {
      const lost = random.chance(server.loss)
      const answered = await process.ask({
        what: `call ${type}/${id} ${batch.invocations.length}`,
        before: random.delay(server.latency),
        after: lost ? 20 : random.delay(server.latency),
        reach: 'remote',
        apply: () => !lost && server.serves(batch),
      })
      if (answered) return response
      if (process.clock.monotonic() - began > budgetMs) {
        throw new StatefunError('SF_SIM_CALL', `${type}/${id} did not answer within ${budgetMs} ms`)
      }
      await new Promise<void>((resolve) => void process.later(2 * 2 ** tries, resolve))
    }
  }
}
