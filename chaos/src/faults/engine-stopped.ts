import { cp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FENCED } from '@statefun/engine'
import type { Child } from '@statefun/gate'
import { StatefunError } from '@statefun/protocol'
import type { Fault } from '../fault.ts'
import type { Stage } from '../stage.ts'

const TRANSACTION_TIMEOUT_MS = 5_000
const FENCED_WITHIN_MS = 30_000

/**
 * The engine's process is frozen for longer than a transaction may last. In every second round another engine of the same
 * app takes over meanwhile, with a copy of the checkpoint, as on another machine: the first one must then end by itself.
 */
export const engineStopped: Fault = {
  name: 'engine-stopped',
  summary: 'SIGSTOP of the engine beyond the transaction timeout, alone and with a second engine taking over',
  times: 4,
  setting: { transactionTimeoutMs: TRANSACTION_TIMEOUT_MS },
  inject: (stage, round) => (round % 2 === 0 ? takeOver(stage) : freeze(stage)),
}

async function freeze({ engine, random, note }: Stage): Promise<void> {
  const stoppedMs = TRANSACTION_TIMEOUT_MS + random.between(1_200, 2_500)
  note(`engine frozen for ${stoppedMs.toFixed(0)} ms`)
  engine.child.signal('SIGSTOP')
  await sleep(stoppedMs)
  engine.child.signal('SIGCONT')
}

async function takeOver({ engine, random, ends, note }: Stage): Promise<void> {
  const stoppedMs = TRANSACTION_TIMEOUT_MS + random.between(1_200, 2_500)
  note(`engine frozen for ${stoppedMs.toFixed(0)} ms, a second one started meanwhile`)
  engine.child.signal('SIGSTOP')
  const secondMs = random.between(0, stoppedMs)
  await sleep(secondMs)
  const former = engine.settings.dir
  const dir = join(dirname(former), `checkpoints-of-start-${engine.starts + 1}`)
  await cp(former, dir, { recursive: true })
  // The process that holds it does not exist on another machine.
  await rm(join(dir, 'lock'), { force: true })
  const first = await engine.replace({ ...engine.settings, dir })
  ends.add(() => first.kill())
  // Were it continued before, its checkpoint would go on behind the copy, which the second one would notice and refuse.
  await Promise.all([sleep(stoppedMs - secondMs), engine.admin()])
  first.signal('SIGCONT')
  await endsFenced(first)
  await rm(former, { recursive: true, force: true })
}

async function endsFenced(first: Child): Promise<void> {
  const timeout = new AbortController()
  await Promise.race([
    first.exited,
    sleep(FENCED_WITHIN_MS, undefined, { signal: timeout.signal }).catch(() => undefined),
  ])
  timeout.abort()
  const ended = first.exit !== undefined
  if (ended && first.logTail(200).includes(FENCED)) return
  throw new StatefunError(
    'SF_CHAOS_NOT_FENCED',
    ended ? `the replaced engine ended without ${FENCED}` : 'the replaced engine goes on working',
    { where: first.logPath, excerpt: first.logTail() },
  )
}
