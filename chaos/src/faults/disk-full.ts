import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'

/** The disk of the checkpoints is full for a while; now and then the engine is killed meanwhile. */
export const diskFull: Fault = {
  name: 'disk-full',
  summary: 'no room for checkpoints for a while, with and without kill -9 of the engine',
  times: 6,
  setting: { storage: 'disk' },
  async inject({ engine, disk, random, note }, round) {
    const fullMs = random.between(300, 2_500)
    const killed = round % 3 === 2
    note(`disk full for ${fullMs.toFixed(0)} ms${killed ? ', engine killed meanwhile' : ''}`)
    await disk.fill()
    const engineMs = killed ? random.between(0, fullMs) : 0
    await sleep(engineMs)
    if (killed) await engine.kill()
    await sleep(fullMs - engineMs)
    await disk.free()
  },
}
