import { nearestName, StatefunError } from '@statefun/protocol'
import type { Fault } from './fault.ts'
import { brokerOutage } from './faults/broker-outage.ts'
import { brokerRestart } from './faults/broker-restart.ts'
import { diskFull } from './faults/disk-full.ts'
import { engineKill } from './faults/engine-kill.ts'
import { engineStopped } from './faults/engine-stopped.ts'
import { functionServerKill } from './faults/function-server-kill.ts'
import { mixed, mixedS3 } from './faults/mixed.ts'
import { s3Outage } from './faults/s3-outage.ts'

/** Every fault, in the order in which a run injects them. */
export const FAULTS: readonly Fault[] = [
  engineKill,
  functionServerKill,
  brokerRestart,
  brokerOutage,
  s3Outage,
  diskFull,
  engineStopped,
  mixed,
  mixedS3,
]

/** @throws StatefunError `SF_CHAOS_UNKNOWN_FAULT` naming the nearest one */
export function faultNamed(name: string): Fault {
  const found = FAULTS.find((fault) => fault.name === name)
  if (found !== undefined) return found
  const names = FAULTS.map((fault) => fault.name)
  const near = nearestName(name, names)
  throw new StatefunError('SF_CHAOS_UNKNOWN_FAULT', `there is no fault "${name}"`, {
    hint: near === undefined ? `there are: ${names.join(', ')}` : `did you mean ${near}?`,
  })
}
