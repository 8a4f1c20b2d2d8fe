import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { brokerOutage } from './broker-outage.ts'
import { brokerRestart } from './broker-restart.ts'
import { diskFull } from './disk-full.ts'
import { engineKill } from './engine-kill.ts'
import { engineStopped } from './engine-stopped.ts'
import { functionServerKill } from './function-server-kill.ts'

const MIXED = [engineKill, functionServerKill, brokerRestart, diskFull, engineStopped, brokerOutage]

/** Every fault in turn on the same parts, every second one with a kill of the engine in the midst of it. */
export const mixed: Fault = {
  name: 'mixed',
  summary: 'all of them on the same parts, with a kill -9 of the engine in the midst of every second one',
  times: MIXED.length,
  setting: { functions: 'http', storage: 'disk', transactionTimeoutMs: 5_000 },
  async inject(stage, round) {
    const { engine, random, note } = stage
    const fault = MIXED[round % MIXED.length]!
    const also = round % 2 === 1 && fault !== engineStopped
    const killed = async () => {
      await sleep(random.between(0, 1_500))
      note('kill -9 of the engine meanwhile')
      await engine.kill()
    }
    await Promise.all([fault.inject(stage, Math.floor(random.between(0, 6))), also ? killed() : undefined])
  },
}
