import type { Engines } from './engine/engines.ts'
import type { Random } from './random.ts'
import type { Scenario, TroubleKind } from './scenario.ts'
import type { Scheduler } from './scheduler.ts'
import type { Trace } from './trace.ts'
import type { World } from './world.ts'

/** What goes wrong; each returns what mends it, if that does not happen by itself. */
export type Troubles = Readonly<Record<TroubleKind, (random: Random) => (() => void) | undefined>>

/** The troubles of a world. */
export function troublesOf(world: World, engines: Engines): Troubles {
  const { broker, bucket, server } = world.connections
  const away = (part: { available: boolean }) => () => {
    part.available = false
    return () => {
      part.available = true
    }
  }
  const disks = world.machines.map(({ disk }) => disk)
  const diskMode = (mode: 'full' | 'failing') => () => {
    for (const disk of disks) disk.mode = mode
    return () => {
      for (const disk of disks) disk.mode = 'well'
    }
  }
  return {
    crash: () => {
      if (engines.count > 0) engines.kill()
      return undefined
    },
    stop: (random) => {
      engines.stop(random.delay(20))
      return undefined
    },
    freeze: () => (engines.count > 0 ? engines.freeze() : undefined),
    second: () => {
      if (engines.count === 1) engines.start()
      return undefined
    },
    clock: (random) => {
      const sign = random.chance(0.5) ? 1 : -1
      random.pick(world.machines).setClock(sign * Math.floor(random.scaled(1, 5000)))
      return undefined
    },
    'disk-full': diskMode('full'),
    'disk-failing': diskMode('failing'),
    'disk-slow': () => {
      for (const disk of disks) disk.latency = world.scenario.diskLatencyMs * 20
      return () => {
        for (const disk of disks) disk.latency = world.scenario.diskLatencyMs
      }
    },
    'bucket-away': away(bucket),
    'broker-away': away(broker),
    'functions-away': away(server),
  }
}

/** Makes things fail, each kind at moments of its own, until it has been enough. */
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
