import { describe, expect, it } from 'vitest'
import { FAULTS, type FaultName } from './faults/faults.ts'
import { simulate } from './simulation.ts'

/** Seeds in which each planted fault must be found; most are found in the first few. */
const SEEDS = 120

async function violationOf(seed: number): Promise<string | undefined> {
  const { violation } = await simulate(seed)
  return violation === undefined ? undefined : `seed ${seed}: ${violation}`
}

describe('the simulator', () => {
  it('repeats a seed exactly', async () => {
    for (const seed of [3, 4, 27]) {
      const [first, again] = [
        await simulate(seed, { keepTrace: true }),
        await simulate(seed, { keepTrace: true }),
      ]
      expect(first.trace.lines().length).toBeGreaterThan(50)
      expect(again.trace.lines()).toEqual(first.trace.lines())
      expect(again.steps).toBe(first.steps)
    }
  })

  it('has another course for each seed', async () => {
    const [first, second] = [await simulate(1), await simulate(2)]
    expect(first.trace.lines()).not.toEqual(second.trace.lines())
  })

  it.each(Object.keys(FAULTS) as FaultName[])('finds the planted fault %s', async (fault) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violation, trace } = await simulate(seed, { fault })
      if (violation === undefined) continue
      expect(trace.lines().length).toBeGreaterThan(0)
      return
    }
    expect.fail(`not found in ${SEEDS} seeds`)
  })

  it('changes nothing for good when a fault was planted', async () => {
    await simulate(1, { fault: 'publish-early' })
    expect(await violationOf(1)).toBeUndefined()
  })
})

describe('the engine keeps its promises', () => {
  const HUNDREDS = Array.from({ length: 6 }, (_, index) => 1 + index * 50)
  it.each(HUNDREDS)('from seed %i on, 50 seeds', async (from) => {
    for (let seed = from; seed < from + 50; seed++) expect(await violationOf(seed)).toBeUndefined()
  })
})
