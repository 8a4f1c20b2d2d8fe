import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { parseBenchArgs } from './command-line.ts'

const OPTIONS = {
  rounds: { default: 5, describe: 'rounds' },
  'topic-prefix': { default: 'bench', describe: 'prefix' },
  java: { default: true, describe: 'with Java' },
}

function refusal(argv: readonly string[]): string {
  try {
    parseBenchArgs(argv, OPTIONS)
  } catch (error) {
    return StatefunError.from(error).format()
  }
  throw new Error('it was accepted')
}

describe('flags of a bench', () => {
  it('have their defaults', () => {
    expect(parseBenchArgs([], OPTIONS)).toEqual({
      common: { help: false, json: undefined },
      args: { rounds: 5, 'topic-prefix': 'bench', java: true },
    })
  })

  it('have the type of the default', () => {
    const argv = ['--rounds', '1_000', '--topic-prefix=x', '--no-java', '--json', 'out.json']
    expect(parseBenchArgs(argv, OPTIONS)).toEqual({
      common: { help: false, json: 'out.json' },
      args: { rounds: 1000, 'topic-prefix': 'x', java: false },
    })
  })

  it('name the nearest one when unknown', () => {
    expect(refusal(['--round', '3'])).toBe(
      'SF_BENCH_UNKNOWN_FLAG unknown argument --round\nhint: did you mean --rounds?',
    )
    expect(refusal(['quickly'])).toContain('allowed: --help --json --rounds')
  })

  it.each([['--rounds', 'many'], ['--rounds', ''], ['--rounds'], ['--json']])('refuse %s %s', (...argv) => {
    expect(refusal(argv)).toContain('SF_BENCH_FLAG_VALUE')
  })
})
