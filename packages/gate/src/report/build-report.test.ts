import { expect, test } from 'vitest'
import { buildReport } from './build-report.ts'
import { NO_EVIDENCE } from './run-evidence.ts'
import { sampleEvents } from './testing/sample-events.ts'

const report = buildReport(sampleEvents(), 'npm run e2e')

test('a report tells what was asked for and what it came to', () => {
  expect(report).toMatchObject({
    format: 'statefun-gate-report',
    version: 1,
    id: '2026-11-24T14-12-26-process',
    startedAt: '2026-11-24T14:12:26.000Z',
    seconds: 7,
    verdict: 'failed',
    request: { command: 'npm run e2e', app: 'counter', topology: 'process', selection: 'kafka' },
    totals: { passed: 1, failed: 3, notApplicable: 1, skipped: 1 },
  })
  expect(report.machine.versions).toEqual([`Node ${process.versions.node}`, 'Kafka 3.9.1'])
})

test('phases have their seconds, and lanes in which none overlaps another', () => {
  expect(report.phases).toEqual([
    { name: 'Kafka', lane: 0, begin: 0.1, seconds: 2, status: 'done' },
    {
      name: 'Flink',
      lane: 1,
      begin: 0.1,
      seconds: 2.9,
      status: 'failed',
      error: {
        code: 'SF_GATE_START_FAILED',
        message: 'job-manager.log: Flink ended while it started',
        hint: 'look at its log',
      },
    },
    { name: 'engine', lane: 0, begin: 2.1, seconds: 0.5, status: 'done' },
    { name: 'tests of process on embedded', lane: 0, begin: 3, seconds: 3, status: 'failed' },
  ])
})

test('tests are told apart by suite, deployment and verdict, each with its reason', () => {
  expect(
    report.tests.map(({ suite, name, deployment, verdict }) => [suite, name, deployment, verdict]),
  ).toEqual([
    ['kafka › counter', 'adds up deltas', 'process on embedded', 'passed'],
    ['kafka', 'headers', 'process on flink', 'not-applicable'],
    ['kafka', 'later', 'process on embedded', 'skipped'],
    ['kafka › counter', 'is exact', 'process on embedded', 'failed'],
  ])
  expect(report.tests[1]?.reason).toContain('Apache StateFun 3.3.0')
  expect(report.tests[3]).toMatchObject({
    begin: 4,
    seconds: 2,
    errors: [
      {
        code: 'AssertionError',
        message: 'expected 19998 to be 20000',
        where: 'e2e/kafka.e2e.ts:58:24',
        diff: '- 20000\n+ 19998',
      },
      { code: 'SF_GATE_READ_TIMEOUT', hint: 'is the engine running?' },
    ],
  })
})

test('what failed outside of tests, faults and warnings are told', () => {
  expect(report.errors).toMatchObject([
    { code: 'SyntaxError', message: 'no such module', where: 'e2e/broken.e2e.ts' },
    { code: 'SF_GATE_START_FAILED', where: 'deployment on flink' },
  ])
  expect(report.notes).toEqual([
    { at: 4, text: 'process on embedded: worker was killed by a test' },
    { at: 6.2, text: 'process on embedded: the disk is full' },
  ])
})

const WARNED = { at: 6.2, text: 'process on embedded: the disk is full' }

test('a failed test has what the parts said from a little before it began', () => {
  const asked: number[] = []
  const withLogs = buildReport(sampleEvents(), 'npm run e2e', {
    ...NO_EVIDENCE,
    said(deployment, from, to) {
      asked.push(from - Date.parse(report.startedAt), to - Date.parse(report.startedAt))
      return [{ part: `broker of ${deployment}`, lines: [{ at: from, text: 'x' }], omitted: 0 }]
    },
  })
  expect(asked).toEqual([3500, 6700, -27_000, 6800])
  expect(withLogs.said.map(({ part }) => part)).toEqual(['broker of '])
  expect(withLogs.tests.at(-1)?.said).toEqual([
    {
      part: 'the run',
      lines: [{ at: 4, text: 'process on embedded: worker was killed by a test' }, WARNED],
      omitted: 0,
    },
    { part: 'broker of process on embedded', lines: [{ at: 3.5, text: 'x' }], omitted: 0 },
  ])
})

test('a run that was cut short is interrupted, and so is the phase it was in', () => {
  const events = sampleEvents()
  const cut = buildReport(events.slice(0, 4), 'npm run e2e')
  expect(cut.verdict).toBe('interrupted')
  expect(cut.phases.map(({ status }) => status)).toEqual(['interrupted', 'interrupted'])
  expect(buildReport(events.slice(0, -1), '').totals).toEqual({
    passed: 1,
    failed: 3,
    notApplicable: 1,
    skipped: 1,
  })
})
