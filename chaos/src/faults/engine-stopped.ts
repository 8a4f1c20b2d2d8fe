import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { takeOver } from '../parts/take-over.ts'

const TRANSACTION_TIMEOUT_MS = 5_000

/**
 * The engine's process is frozen for longer than a transaction may last. In every second round another engine of the same
 * app takes over meanwhile, and the first one must end by itself.
 */
export const engineStopped: Fault = {
  name: 'engine-stopped',
  summary: 'SIGSTOP of the engine beyond the transaction timeout, alone and with a second engine taking over',
  times: 4,
  setting: { transactionTimeoutMs: TRANSACTION_TIMEOUT_MS },
  async inject(stage, round) {
    const { engine, random, note } = stage
    const frozenMs = TRANSACTION_TIMEOUT_MS + random.between(1_200, 2_500)
    const replaced = round % 2 === 0
    note(`engine frozen for ${frozenMs.toFixed(0)} ms${replaced ? ', a second one started meanwhile' : ''}`)
    if (replaced) return await takeOver(stage, frozenMs)
    engine.child.signal('SIGSTOP')
    await sleep(frozenMs)
    engine.child.signal('SIGCONT')
  },
}
