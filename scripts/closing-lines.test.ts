import { expect, test } from 'vitest'
import { closingLines } from './closing-lines.ts'

const TESTS =
  'noise\ne2e --topology embedded\n5 passed, 0 failed\ne2e --topology process --engine both\n12 passed, 0 failed\n'
const FAULTS = 'noise\n2 passed, 0 failed\n'
const report = (failed: number) =>
  JSON.stringify({
    deployments: [
      {
        engine: 'Flink on Kubernetes (Apache StateFun 3.3.0, operator 1.7.0)',
        parts: [{ about: 'Kafka (apache/kafka:3.9.0) at 127.0.0.1:1' }, { about: 'TaskManager' }],
      },
    ],
    tests: [],
    errors: [],
    totals: { passed: 8, failed, skipped: 0 },
  })

test('the last line is the sum, those before say what ran on what', () => {
  expect(closingLines(TESTS, { report: report(0), exitCode: 0, faultsLog: FAULTS })).toEqual({
    lines: [
      'gate --topology embedded: in the tests above',
      'gate --topology process --engine both: in the tests above',
      'gate --topology kind: Flink on Kubernetes (Apache StateFun 3.3.0, operator 1.7.0), apache/kafka:3.9.0: 8 passed, 0 failed',
      'faults in the function image: 2 passed, 0 failed',
      '22 passed, 0 failed',
    ],
    failed: false,
  })
})

test('what failed stands before the sum, of tests and gate', () => {
  const log = `failed: noise of a test\n${TESTS.replace('12 passed, 0', 'failed: a › b: Error\n12 passed, 1')}`
  const { lines } = closingLines(log, { report: undefined, exitCode: 2, faultsLog: '' })
  expect(lines.slice(-4)).toEqual([
    'failed: a › b: Error',
    'failed: e2e --topology kind: ended with exit code 2',
    'failed: npm test -- kind: it ended without its closing line',
    '12 passed, 3 failed',
  ])
})

test('why kind did not run is said, and fails nothing', () => {
  const { lines, failed } = closingLines(TESTS, { notRun: 'no container engine' })
  expect(lines.slice(-2)).toEqual([
    'gate --topology kind: not run, no container engine',
    '12 passed, 0 failed',
  ])
  expect(failed).toBe(false)
})

test.each([
  [
    'a test of the gate failed',
    TESTS,
    { report: report(1), exitCode: 1, faultsLog: FAULTS },
    '22 passed, 1 failed',
  ],
  [
    'the gate wrote no report',
    TESTS,
    { report: undefined, exitCode: 2, faultsLog: FAULTS },
    '14 passed, 1 failed',
  ],
  [
    'faults in the function image were not looked for',
    TESTS,
    { report: report(0), exitCode: 0, faultsLog: '' },
    '20 passed, 1 failed',
  ],
  ['the tests said nothing', 'killed', { notRun: 'x' }, '0 passed, 1 failed'],
])('it fails when %s', (_, log, kind, last) => {
  const { lines, failed } = closingLines(log, kind)
  expect([lines.at(-1), failed]).toEqual([last, true])
})
