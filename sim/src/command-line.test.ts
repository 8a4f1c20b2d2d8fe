import { describe, expect, it } from 'vitest'
import { parseSimArgs } from './command-line.ts'

describe('the flags of npm run sim', () => {
  it('runs many seeds unless one is named', () => {
    expect(parseSimArgs([])).toMatchObject({ seed: undefined, seeds: 1000, from: 1, fault: undefined })
    expect(parseSimArgs(['--seeds', '10_000', '--from', '5'])).toMatchObject({ seeds: 10_000, from: 5 })
    expect(parseSimArgs(['--seed', '12345', '--fault', 'skip-fsync'])).toMatchObject({
      seed: 12345,
      fault: 'skip-fsync',
    })
  })

  it.each([
    ['--seeds', 'many'],
    ['--seeds', '0'],
    ['--seed', '1.5'],
    ['--fault', 'skip-sync'],
    ['--sed', '1'],
  ])('refuses %s %s', (...argv) => {
    expect(() => parseSimArgs(argv)).toThrow(expect.objectContaining({ code: 'SF_SIM_USAGE' }))
  })

  it('names the fault that was meant', () => {
    expect(() => parseSimArgs(['--fault', 'skip-fsinc'])).toThrow('did you mean skip-fsync?')
  })
})
