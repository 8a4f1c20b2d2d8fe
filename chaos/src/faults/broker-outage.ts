import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'

const TRANSACTION_TIMEOUT_MS = 5_000

/** The broker is away for longer than a transaction may last; the engine is killed meanwhile, or the broker only frozen. */
export const brokerOutage: Fault = {
  name: 'broker-outage',
  summary: 'the Kafka broker away for longer than the transaction timeout',
  times: 3,
  setting: { transactionTimeoutMs: TRANSACTION_TIMEOUT_MS },
  async inject({ engine, kafka, random, note }, round) {
    const awayMs = TRANSACTION_TIMEOUT_MS + random.between(1_500, 3_000)
    const frozen = round % 3 === 2
    const killed = round % 3 === 0
    note(
      `broker ${frozen ? 'frozen' : 'killed'} for ${awayMs.toFixed(0)} ms${killed ? ', engine killed meanwhile' : ''}`,
    )
    if (frozen) kafka.pause()
    else await kafka.kill()
    const engineMs = killed ? random.between(100, awayMs) : 0
    await sleep(engineMs)
    if (killed) await engine.kill()
    await sleep(awayMs - engineMs)
    if (frozen) kafka.resume()
    else await kafka.restart()
  },
}
