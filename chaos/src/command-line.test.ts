import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { parseChaosArgs, usage } from './command-line.ts'
import { FAULTS } from './faults.ts'

const parse = (...argv: readonly string[]) => parseChaosArgs(argv, () => 7)

function refusal(...argv: readonly string[]): string {
  try {
    parse(...argv)
  } catch (error) {
    return StatefunError.from(error).format()
  }
  throw new Error('it was accepted')
}

describe('flags', () => {
  it('have their defaults: every fault, 200,000 records, another seed each time', () => {
    expect(parse()).toEqual({
      help: false,
      faults: FAULTS,
      records: 200_000,
      keys: 1_000,
      rate: 25_000,
      seed: 7,
      delivery: 'exactly-once',
      json: false,
      keep: false,
    })
  })

  it('are taken', () => {
    const argv = [
      '--fault',
      'mixed',
      '--fault=engine-kill',
      '--records',
      '5_000',
      '--seed',
      '0',
      '--json',
      '--keep',
    ]
    const { faults, ...args } = parse(...argv, '--keys=10', '--rate=100', '--delivery', 'at-least-once')
    expect(faults.map(({ name }) => name)).toEqual(['mixed', 'engine-kill'])
    expect(args).toMatchObject({ records: 5_000, keys: 10, rate: 100, seed: 0, json: true, keep: true })
    expect(args.delivery).toBe('at-least-once')
  })

  it('name the nearest one when unknown', () => {
    expect(refusal('--record', '5')).toContain('hint: did you mean --records?')
    expect(refusal('--fault', 'broker-restrat')).toContain('hint: did you mean broker-restart?')
    expect(refusal('--fault', 'x')).toContain('there are: engine-kill, ')
    expect(refusal('fast')).toContain('SF_CHAOS_UNKNOWN_FLAG unknown argument fast')
  })

  it.each([
    ['--records', 'many'],
    ['--records', '10'],
    ['--records', '1e300'],
    ['--seed', '-1'],
    ['--seed'],
    ['--fault', ''],
    ['--delivery', 'twice'],
  ])('refuse %s %s', (...argv) => {
    expect(refusal(...argv)).toContain('SF_CHAOS_FLAG_VALUE')
  })

  it('are in the usage, and so are the faults', () => {
    expect(usage()).toContain('--delivery X')
    for (const { name, summary } of FAULTS) expect(usage()).toContain(`  ${name.padEnd(16)} ${summary}`)
  })
})
