import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'

/** The engine's process is killed, now and then a second time while it starts. */
export const engineKill: Fault = {
  name: 'engine-kill',
  summary: 'kill -9 of the engine, now and then again while it starts',
  times: 12,
  setting: {},
  async inject({ engine, random, note }) {
    note('kill -9 of the engine')
    await engine.kill()
    if (!random.chance(1 / 3)) return
    const delayMs = random.between(120, 900)
    await sleep(delayMs)
    note(`kill -9 again ${delayMs.toFixed(0)} ms later`)
    await engine.kill()
  },
}
