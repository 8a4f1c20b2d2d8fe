import { describe, expect, it } from 'vitest'
import { simulate } from './simulation.ts'

/** Some hundreds of seeds take seconds, and much longer on a machine with other work to do. */
const PATIENCE = { timeout: 240_000 }

async function violationOf(seed: number): Promise<string | undefined> {
  const { violation } = await simulate(seed)
  return violation === undefined ? undefined : `seed ${seed}: ${violation}`
}

describe('the simulator', () => {
  it('repeats a seed exactly', PATIENCE, async () => {
    for (const seed of [3, 4, 27]) {
      const first = await simulate(seed, { keepTrace: true })
      const again = await simulate(seed, { keepTrace: true })
      expect(first.trace.lines().length).toBeGreaterThan(50)
      expect(again.trace.lines()).toEqual(first.trace.lines())
      expect(again.steps).toBe(first.steps)
    }
  })

  it('has another course for each seed', PATIENCE, async () => {
    const [first, second] = [await simulate(1), await simulate(2)]
    expect(first.trace.lines()).not.toEqual(second.trace.lines())
  })

  it('changes nothing for good when a fault was planted', PATIENCE, async () => {
    expect((await simulate(1, { fault: 'publish-early' })).violation).toBeDefined()
    expect(await violationOf(1)).toBeUndefined()
  })
})

describe('the engine keeps its promises', () => {
  const FIRST = Array.from({ length: 4 }, (_, index) => 1 + index * 50)
  it.each(FIRST)('from seed %i on, 50 seeds', PATIENCE, async (from) => {
    for (let seed = from; seed < from + 50; seed++) expect(await violationOf(seed)).toBeUndefined()
  })

  // A state that came from disk between the last two cuts of a stop lost its messages.
  it.each([7228, 7787, 8314])('seed %i', PATIENCE, async (seed) => {
    expect(await violationOf(seed)).toBeUndefined()
  })
})
