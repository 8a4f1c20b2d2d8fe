import { expect, it } from 'vitest'
import { PipeliningMode } from './pipelining-mode.ts'

interface Load {
  /** Milliseconds between answers of one connection. */
  readonly gapMs: number
  /** Answers per millisecond of all connections. */
  readonly rate: number
}

/** A server under load from `fromMs` to `toMs`; returns for how many milliseconds connections were shared. */
function run(mode: PipeliningMode, fromMs: number, toMs: number, load: (narrow: boolean) => Load): number {
  let narrowMs = 0
  for (let now = fromMs; now < toMs; now++) {
    const { gapMs, rate } = load(mode.narrow)
    for (let answer = 0; answer < rate; answer++) mode.answered(gapMs, now)
    if (mode.narrow) narrowMs++
  }
  return narrowMs
}

const fast = (narrow: boolean): Load => (narrow ? { gapMs: 0.8, rate: 40 } : { gapMs: 9, rate: 25 })
const cpuBound = (narrow: boolean): Load => (narrow ? { gapMs: 8, rate: 4 } : { gapMs: 60, rate: 4 })
const takesItsTime = (narrow: boolean): Load => ({ gapMs: 20, rate: narrow ? 2 : 16 })

it('shares connections of a fast server all the time', () => {
  expect(run(new PipeliningMode(0), 0, 3000, fast)).toBe(3000)
})

it('soon stops sharing when apart more calls are answered, and tries ever less often', () => {
  const mode = new PipeliningMode(0)
  run(mode, 0, 400, takesItsTime)
  expect(mode.narrow).toBe(false)
  const narrowMs = run(mode, 400, 30_400, takesItsTime)
  expect(narrowMs).toBeGreaterThan(0)
  expect(narrowMs).toBeLessThan(2000)
})

it('keeps sharing when keeping apart answers no more', () => {
  expect(run(new PipeliningMode(0), 0, 30_000, cpuBound)).toBeGreaterThan(28_000)
})

it('stops sharing at once when a call hangs, and comes back to it', () => {
  const mode = new PipeliningMode(0)
  run(mode, 0, 500, fast)
  mode.stalled(500)
  expect(mode.narrow).toBe(false)
  run(mode, 500, 3000, fast)
  expect(mode.narrow).toBe(true)
})

it('tries nothing while the server has little to do', () => {
  const mode = new PipeliningMode(0)
  mode.stalled(0)
  expect(run(mode, 0, 20_000, () => ({ gapMs: 30, rate: 1 }))).toBe(0)
})
