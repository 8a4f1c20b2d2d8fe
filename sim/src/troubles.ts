import type { Random } from './random.ts'
import type { Scenario, TroubleKind } from './scenario.ts'
import type { Scheduler } from './scheduler.ts'
import type { Trace } from './trace.ts'

/** What goes wrong, and back to normal. Each returns what mends it. */
export type Troubles = Readonly<Record<TroubleKind, (random: Random) => (() => void) | undefined>>

/** Makes things fail until it has been enough, then lets everything be well. */
export function beginTroubles(
  scenario: Scenario,
  troubles: Troubles,
  scheduler: Scheduler,
  trace: Trace,
  random: Random,
): void {
  for (const [kind, mean] of Object.entries(scenario.troubles) as [TroubleKind, number][]) {
    if (mean === Number.POSITIVE_INFINITY) continue
    const own = random.fork()
    const next = () => {
      // Exponential: as likely at any moment as at any other.
      const delay = -Math.log(1 - own.float()) * mean
      if (scheduler.now + delay > scenario.troubleMs) return
      scheduler.after(delay, () => {
        trace.note('world', kind)
        const mend = troubles[kind](own)
        if (mend !== undefined) {
          const length = Math.min(own.scaled(5, 400), scenario.troubleMs - scheduler.now)
          scheduler.after(length, () => {
            trace.note('world', 'mended', kind)
            mend()
          })
        }
        next()
      })
    }
    next()
  }
}
