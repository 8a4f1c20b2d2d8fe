import { describe, expect, test } from 'vitest'
import { addTallies, closingLine, gateTallyOf, tallyOf } from './test-tally.ts'

const report = (counts: { passed?: number; failed?: number; pending?: number }, files: object[] = []) =>
  JSON.stringify({
    numPassedTests: counts.passed ?? 0,
    numFailedTests: counts.failed ?? 0,
    numPendingTests: counts.pending ?? 0,
    numTodoTests: 0,
    testResults: files,
  })

describe('a run is counted', () => {
  test('from the report when all is well', () => {
    expect(tallyOf(report({ passed: 3, pending: 1 }), 0)).toEqual({ passed: 3, failed: 0, skipped: 1 })
  })

  test('a failed test counts once, also when its file is marked as failed', () => {
    const file = { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] }
    expect(tallyOf(report({ passed: 1, failed: 1 }, [file]), 1).failed).toBe(1)
  })

  test('a file that could not be loaded counts as a failure', () => {
    const files = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
    ]
    expect(tallyOf(report({ failed: 1 }, files), 1).failed).toBe(2)
  })

  test('a bad end with only passed tests counts as a failure', () => {
    expect(tallyOf(report({ passed: 5 }), 1)).toEqual({ passed: 5, failed: 1, skipped: 0 })
  })

  test('a run without a report is a failure, also when a signal ended it', () => {
    expect(tallyOf(undefined, null).failed).toBe(1)
    expect(tallyOf(undefined, 1).failed).toBe(1)
  })
})

test('the closing line has the sum of all runs and names skipped tests only when there are some', () => {
  const total = addTallies([
    { passed: 3, failed: 0, skipped: 0 },
    { passed: 4, failed: 1, skipped: 0 },
  ])
  expect(closingLine(total)).toBe('7 passed, 1 failed')
  expect(closingLine({ ...total, skipped: 2 })).toBe('7 passed, 1 failed, 2 skipped')
})

describe('a run of the gate is counted', () => {
  const gate = JSON.stringify({ totals: { passed: 4, failed: 0, notApplicable: 2, skipped: 1 } })

  test('from its report', () => {
    expect(gateTallyOf(gate, 0)).toEqual({ passed: 4, failed: 0, skipped: 1 })
  })

  test('as a failure when it ended badly for another reason, or could not begin', () => {
    expect(gateTallyOf(gate, null).failed).toBe(1)
    expect(gateTallyOf(undefined, 2)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})
