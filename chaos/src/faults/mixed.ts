import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Setting } from '../fault.ts'
import { brokerOutage } from './broker-outage.ts'
import { brokerRestart } from './broker-restart.ts'
import { diskFull } from './disk-full.ts'
import { engineKill } from './engine-kill.ts'
import { engineStopped } from './engine-stopped.ts'
import { functionServerKill } from './function-server-kill.ts'
import { s3Outage } from './s3-outage.ts'

/** All that a folder of checkpoints can be hit by. */
export const mixed = mixOf('mixed', { storage: 'disk', state: 'disk' }, [
  engineKill,
  functionServerKill,
  brokerRestart,
  diskFull,
  engineStopped,
  brokerOutage,
])

/** All that a bucket of checkpoints can be hit by. */
export const mixedS3 = mixOf('mixed-s3', { storage: 's3' }, [
  s3Outage,
  brokerOutage,
  s3Outage,
  functionServerKill,
  engineStopped,
  s3Outage,
])

/** Every fault in turn on the same parts, every second one with a kill of the engine in the midst of it. */
function mixOf(name: string, setting: Setting, faults: readonly Fault[]): Fault {
  return {
    name,
    summary: `the others on the same parts (checkpoints: ${setting.storage}), every second one with a kill -9 of the engine`,
    times: faults.length,
    setting: { functions: 'http', hop: true, transactionTimeoutMs: 5_000, ...setting },
    async inject(stage, round) {
      const { engine, random, note } = stage
      const fault = faults[round % faults.length]!
      const also = round % 2 === 1
      const killed = async () => {
        await sleep(random.between(0, 1_500))
        note('kill -9 of the engine meanwhile')
        await engine.kill()
      }
      await Promise.all([fault.inject(stage, round), also ? killed() : undefined])
    },
  }
}
