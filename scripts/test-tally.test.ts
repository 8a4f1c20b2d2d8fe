import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { addTallies, closingLines, gateTallyOf, tallyOf } from './test-tally.ts'

const report = (counts: { passed?: number; pending?: number }, files: object[] = []) =>
  JSON.stringify({
    numPassedTests: counts.passed ?? 0,
    numPendingTests: counts.pending ?? 0,
    numTodoTests: 0,
    testResults: files,
  })
const testResult = (status: string, title: string, ...failureMessages: string[]) => ({
  status,
  ancestorTitles: ['a batch'],
  title,
  failureMessages,
})
const fileResult = (name: string, status: string, ...assertionResults: object[]) => ({
  name: join(process.cwd(), name),
  status,
  message: status === 'failed' ? 'Cannot find module x' : '',
  assertionResults,
})

describe('a run is counted', () => {
  test('from the report when all is well', () => {
    expect(tallyOf('fast', report({ passed: 3, pending: 1 }), 0)).toEqual({
      passed: 3,
      failed: 0,
      skipped: 1,
      failures: [],
    })
  })

  test('a failed test counts once, also when its file is marked as failed, and is named with the first line of its error', () => {
    const tests = [
      testResult('failed', 'is cut', '\u001b[31mError: expected 1 to be 2\u001b[39m\n  at a.ts:1'),
      testResult('passed', 'is sent'),
    ]
    const tally = tallyOf('fast', report({ passed: 1 }, [fileResult('a.test.ts', 'failed', ...tests)]), 1)
    expect([tally.failed, tally.failures]).toEqual([
      1,
      ['a.test.ts › a batch › is cut: Error: expected 1 to be 2'],
    ])
  })

  test('a file that could not be loaded counts as a failure', () => {
    const files = [
      fileResult('a.test.ts', 'failed'),
      fileResult('b.test.ts', 'failed', testResult('failed', 'is cut')),
    ]
    expect(tallyOf('fast', report({}, files), 1)).toMatchObject({
      failed: 2,
      failures: ['a.test.ts: Cannot find module x', 'b.test.ts › a batch › is cut'],
    })
  })

  test('a bad end with only passed tests counts as a failure', () => {
    expect(tallyOf('fast', report({ passed: 5 }), 1)).toEqual({
      passed: 5,
      failed: 1,
      skipped: 0,
      failures: ['fast: ended with exit code 1'],
    })
  })

  test('a run without a report is a failure, also when a signal ended it', () => {
    expect(tallyOf('fast', undefined, null).failures).toEqual(['fast: ended by a signal'])
    expect(tallyOf('fast', undefined, 1).failed).toBe(1)
  })
})

test('the last line has the sum of all runs and names skipped tests only when there are some; what failed stands before it', () => {
  const total = addTallies([
    { passed: 3, failed: 0, skipped: 0, failures: [] },
    { passed: 4, failed: 1, skipped: 0, failures: ['a.test.ts › is cut'] },
  ])
  expect(closingLines(total)).toEqual(['failed: a.test.ts › is cut', '7 passed, 1 failed'])
  expect(closingLines({ ...total, skipped: 2 }).at(-1)).toBe('7 passed, 1 failed, 2 skipped')
})

describe('a run of the gate is counted', () => {
  const gate = (totals: object, tests: object[] = [], errors: object[] = []) =>
    JSON.stringify({
      tests,
      errors,
      totals: { passed: 4, failed: 0, notApplicable: 2, skipped: 1, ...totals },
    })

  test('from its report', () => {
    expect(gateTallyOf('e2e', gate({}), 0)).toEqual({ passed: 4, failed: 0, skipped: 1, failures: [] })
  })

  test('with what failed in tests and outside of them', () => {
    const failed = {
      suite: 'Kafka',
      name: 'a greeter',
      deployment: 'process on flink',
      verdict: 'failed',
      errors: [{ code: 'SF_GATE_TIMEOUT', message: 'no answer\nwithin 10 s' }],
    }
    const text = gate({ failed: 2 }, [failed], [{ code: 'SF_GATE_PART', message: 'Kafka ended' }])
    expect(gateTallyOf('e2e', text, 1)).toEqual({
      passed: 4,
      failed: 2,
      skipped: 1,
      failures: [
        'e2e: SF_GATE_PART Kafka ended',
        'process on flink › Kafka › a greeter: SF_GATE_TIMEOUT no answer',
      ],
    })
  })

  test('as a failure when it ended badly for another reason, or could not begin', () => {
    expect(gateTallyOf('e2e', gate({}), null).failed).toBe(1)
    expect(gateTallyOf('e2e', undefined, 2)).toMatchObject({ passed: 0, failed: 1, skipped: 0 })
  })
})
