import { describe, expect, it } from 'vitest'
import { simulate } from '../simulation.ts'
import { FAULTS, type FaultName } from './faults.ts'

/** Seeds in which each planted fault must be found; most are found in the first few. */
const SEEDS = 120

const PATIENCE = { timeout: 240_000 }

describe('the simulator finds', () => {
  it.each(Object.keys(FAULTS) as FaultName[])('%s', PATIENCE, async (fault) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violation } = await simulate(seed, { fault })
      if (violation !== undefined) return
    }
    expect.fail(`${FAULTS[fault].summary}: not found in ${SEEDS} seeds`)
  })
})
