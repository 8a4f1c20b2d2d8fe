import { cp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FENCED } from '@statefun/engine'
import type { Child } from '@statefun/gate'
import { StatefunError } from '@statefun/protocol'
import type { EngineProcessSettings } from '../../../test/engine/kit/engine-child.ts'
import type { Stage } from '../stage.ts'

const FENCED_WITHIN_MS = 60_000

/**
 * Freezes the engine for a while and starts another one of the same app meanwhile, as on another machine: with the same
 * bucket, or with a copy of the checkpoint's folder. Settles when the first one, continued, has ended by itself.
 *
 * @throws StatefunError `SF_CHAOS_NOT_FENCED` when it did not, or for another reason than the takeover
 */
export async function takeOver(stage: Stage, frozenMs: number): Promise<void> {
  const { engine, random, ends } = stage
  engine.child.signal('SIGSTOP')
  const secondMs = random.between(0, frozenMs)
  await sleep(secondMs)
  const former = engine.settings
  const first = await engine.replace(await elsewhere(former, engine.starts + 1))
  ends.add(() => first.kill())
  // Were it continued before, its checkpoint would go on behind the copy, which the second one would notice and refuse.
  await Promise.all([sleep(frozenMs - secondMs), engine.admin()])
  first.signal('SIGCONT')
  await endsFenced(first)
  if (former.bucket === undefined) await rm(former.dir, { recursive: true, force: true })
}

async function elsewhere(former: EngineProcessSettings, start: number): Promise<EngineProcessSettings> {
  if (former.bucket !== undefined) return former
  const dir = join(dirname(former.dir), `checkpoints-of-start-${start}`)
  await cp(former.dir, dir, { recursive: true })
  // The process that holds it does not exist on another machine.
  await rm(join(dir, 'lock'), { force: true })
  return { ...former, dir }
}

async function endsFenced(first: Child): Promise<void> {
  const timeout = new AbortController()
  const late = sleep(FENCED_WITHIN_MS, undefined, { signal: timeout.signal })
  await Promise.race([first.exited, late.catch(() => undefined)])
  timeout.abort()
  const ended = first.exit !== undefined
  if (ended && first.logTail(200).includes(FENCED)) return
  throw new StatefunError(
    'SF_CHAOS_NOT_FENCED',
    ended ? `the replaced engine ended without ${FENCED}` : 'the replaced engine goes on working',
    { where: first.logPath, excerpt: first.logTail() },
  )
}
