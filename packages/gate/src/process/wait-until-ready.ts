import { setTimeout as sleep } from 'node:timers/promises'
import { StatefunError } from '@statefun/protocol'
import type { Child } from './child.ts'

/** How long and how often to ask. */
export interface WaitUntilReadyOptions {
  /** Milliseconds from now. */
  readonly timeoutMs: number
  /** Milliseconds between two checks; default 25. */
  readonly intervalMs?: number
}

/**
 * Asks until the child is ready, or all of several that work together (the first one's log is shown when time is up). A check that throws counts as "not yet"; what it threw last becomes the cause of the
 * time-out.
 *
 * @throws StatefunError `SF_GATE_START_FAILED` as soon as a child has ended, `SF_GATE_START_TIMEOUT`; both show the end
 * of its log
 */
export async function waitUntilReady(
  children: Child | readonly [Child, ...Child[]],
  check: () => Promise<boolean>,
  { timeoutMs, intervalMs = 25 }: WaitUntilReadyOptions,
): Promise<void> {
  const watched = 'pid' in children ? ([children] as const) : children
  const deadline = performance.now() + timeoutMs
  let cause: unknown
  for (;;) {
    for (const child of watched) {
      if (child.exit === undefined) continue
      const how = child.exit.signal ?? `exit code ${child.exit.code}`
      throw new StatefunError('SF_GATE_START_FAILED', `${child.name} ended before it was ready (${how})`, {
        where: child.logPath,
        excerpt: child.logTail(),
      })
    }
    try {
      if (await check()) return
    } catch (error) {
      cause = error
    }
    if (performance.now() > deadline) {
      const [child] = watched
      throw new StatefunError('SF_GATE_START_TIMEOUT', `${child.name} is not ready after ${timeoutMs} ms`, {
        where: child.logPath,
        excerpt: child.logTail(),
        ...(cause === undefined ? {} : { cause }),
      })
    }
    await sleep(intervalMs)
  }
}
