import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { takeOver } from '../parts/take-over.ts'
import type { ProxyMode } from '../parts/tcp-proxy.ts'

const MODES: readonly ProxyMode[] = ['refuse', 'hang', 'cut']
const DOES: Readonly<Partial<Record<ProxyMode, string>>> = {
  refuse: 'refuses connections',
  hang: 'does not answer',
  cut: 'cuts its answers short',
}

/**
 * The bucket of the checkpoints cannot be reached for a while, in one way after the other; the engine is killed meanwhile in
 * every second round. In every fourth round a second engine takes the bucket over from a frozen one.
 */
export const s3Outage: Fault = {
  name: 's3-outage',
  summary: 'the S3 endpoint refuses, hangs or cuts connections; a second engine takes over its bucket',
  times: 8,
  setting: { storage: 's3' },
  async inject(stage, round) {
    const { engine, s3, random, note } = stage
    const awayMs = random.between(500, 4_000)
    if (round % 4 === 3) {
      note(`engine frozen for ${awayMs.toFixed(0)} ms, a second one started on the same bucket`)
      return await takeOver(stage, awayMs)
    }
    const mode = MODES[Math.floor(round / 4 + round) % MODES.length]!
    const killed = round % 2 === 1
    note(`S3 ${DOES[mode]} for ${awayMs.toFixed(0)} ms${killed ? ', engine killed meanwhile' : ''}`)
    await s3.become(mode)
    const engineMs = killed ? random.between(0, awayMs) : 0
    await sleep(engineMs)
    if (killed) await engine.kill()
    await sleep(awayMs - engineMs)
    await s3.become('pass')
  },
}
