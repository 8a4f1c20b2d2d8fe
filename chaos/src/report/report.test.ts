import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { type Outcome, passed } from '../run-fault.ts'
import { progressOn } from './progress.ts'
import { closingLine, summaryJson, summaryTable } from './summary.ts'

const EXACT: Outcome = {
  fault: 'engine-kill',
  injected: 3,
  engineStarts: 5,
  records: 200_000,
  verdict: { lost: 0, duplicated: 0, disordered: 0, miscounted: 0, strange: 0, examples: [] },
  states: [],
  recoverySeconds: [0.5, 2, 1],
  seconds: 20,
  error: undefined,
}
const DOUBLED: Outcome = {
  ...EXACT,
  fault: 'mixed',
  verdict: { ...EXACT.verdict, lost: 1, duplicated: 1_234, miscounted: 2, examples: ['k1: again'] },
  states: ['k1: the state is 3, not 2'],
  recoverySeconds: [],
}
const BROKEN: Outcome = { ...EXACT, error: new StatefunError('SF_CHAOS_TIMEOUT', 'no result') }

describe('the summary', () => {
  it('is a table', () => {
    expect(summaryTable([EXACT, DOUBLED])).toBe(
      [
        'fault        injected  records  lost  duplicated  out of order  wrong  recovery median     max',
        '-----------  --------  -------  ----  ----------  ------------  -----  ---------------  ------',
        'engine-kill         3  200,000     0           0             0      0           1.00 s  2.00 s',
        'mixed               3  200,000     1       1,234             0      3                -       -',
      ].join('\n'),
    )
  })

  it('counts what passed: exact results, right states, no break', () => {
    const states: Outcome = { ...EXACT, states: DOUBLED.states }
    expect([EXACT, DOUBLED, BROKEN, states].map(passed)).toEqual([true, false, false, false])
    expect(closingLine([EXACT, DOUBLED, BROKEN])).toBe('1 passed, 2 failed')
  })

  it('is JSON for programs', () => {
    const { seed, faults } = JSON.parse(summaryJson(7, [EXACT, DOUBLED, BROKEN]))
    expect(seed).toBe(7)
    expect(faults).toMatchObject([
      {
        fault: 'engine-kill',
        passed: true,
        engineStarts: 5,
        lost: 0,
        recoverySeconds: { median: 1, max: 2 },
      },
      { fault: 'mixed', passed: false, duplicated: 1_234, examples: ['k1: again'], recoverySeconds: {} },
      { passed: false, error: { code: 'SF_CHAOS_TIMEOUT', message: 'no result' } },
    ])
  })
})

describe('progress', () => {
  const written = (isTTY: boolean) => {
    let text = ''
    const progress = progressOn({ isTTY, columns: 40, write: (part) => (text += part) })
    progress.begin('mixed', 6, () => ({ injected: 2, sent: 12_345, visible: 9_000 }))
    progress.note('kill -9 of the engine')
    progress.end('mixed: exact')
    return text
  }

  it('is plain lines where nobody sees it change', () => {
    expect(written(false)).toMatch(
      /^ +0\.0 s {2}mixed 2\/6 {2}12,345 sent {2}9,000 visible {2}kill -9 of the engine\n +0\.0 s {2}mixed: exact\n$/,
    )
  })

  it('keeps a line that fits below the notes of a terminal', () => {
    expect(written(true)).toContain('engine\n\r\u001b[2Kmixed 2/6  12,345 sent  9,000 visible\r\u001b[2K')
  })
})
