import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'

/** The function server's process is killed and comes back after a while. */
export const functionServerKill: Fault = {
  name: 'function-server',
  summary: 'kill -9 of the function server, back after up to a second',
  times: 6,
  setting: { functions: 'http', hop: true },
  async inject({ functions, random, note }) {
    const awayMs = random.between(0, 1000)
    note(`kill -9 of the function server for ${awayMs.toFixed(0)} ms`)
    await functions.kill()
    await sleep(awayMs)
    await functions.restart()
  },
}
