import type { NewRunEvent, RunEvent, TestRef } from '../../run/run-events.ts'

const START = Date.parse('2026-11-24T14:12:26.000Z')

const sum: TestRef = {
  deployment: 'process on embedded',
  engine: 'embedded',
  file: 'e2e/kafka.e2e.ts',
  test: 'counter > adds up deltas',
  tags: ['kafka'],
}
const onFlink = { deployment: 'process on flink', engine: 'flink' } as const
const FLINK = 'Flink 1.16.2 (Apache StateFun 3.3.0)'
const lacking = `not applicable on ${FLINK}: it has no headers of Kafka records`

/** The events of a run with a test of every verdict, an error outside of tests and a phase that failed. */
export function sampleEvents(): readonly RunEvent[] {
  return [
    at(0, {
      type: 'run-begin',
      app: 'counter',
      topology: 'process',
      engines: ['embedded', 'flink'],
      folder: '/tmp/e2e-report/2026-11-24T14-12-26-process',
      selection: 'kafka',
    }),
    at(0.1, { type: 'phase-begin', phase: 'Kafka', after: [] }),
    at(0.1, { type: 'phase-begin', phase: 'Flink', after: [] }),
    at(0.2, { type: 'phase-progress', phase: 'Flink', text: 'fetched 12 of 31 archives' }),
    at(2.1, { type: 'phase-end', phase: 'Kafka', seconds: 2 }),
    at(2.1, { type: 'phase-begin', phase: 'engine', after: ['Kafka'] }),
    at(2.6, { type: 'phase-end', phase: 'engine', seconds: 0.5 }),
    at(2.6, {
      type: 'deployment-ready',
      deployment: 'process on embedded',
      engine: 'embedded',
      engineTitle: 'the embedded engine',
      parts: [
        { name: 'broker', title: 'Kafka 3.9.1', reach: '127.0.0.1:40121' },
        { name: 'worker', title: 'the embedded engine' },
      ],
    }),
    at(3, {
      type: 'phase-end',
      phase: 'Flink',
      seconds: 2.9,
      error: 'SF_GATE_START_FAILED job-manager.log: Flink ended while it started\nhint: look at its log',
    }),
    at(3, { type: 'deployment-failed', engine: 'flink', error: 'SF_GATE_START_FAILED Flink ended' }),
    at(3, { type: 'test-begin', test: sum }),
    at(3.4, { type: 'test-end', test: sum, verdict: 'passed', seconds: 0.4, failures: [] }),
    at(3.5, {
      type: 'test-end',
      test: { ...sum, ...onFlink, test: 'headers' },
      verdict: 'not-applicable',
      seconds: 0,
      reason: lacking,
      failures: [],
    }),
    at(3.6, {
      type: 'test-end',
      test: { ...sum, test: 'later' },
      verdict: 'skipped',
      seconds: 0,
      failures: [],
    }),
    at(4, { type: 'fault', deployment: 'process on embedded', part: 'worker', change: 'killed' }),
    at(6, {
      type: 'test-end',
      test: { ...sum, test: 'counter > is exact' },
      verdict: 'failed',
      seconds: 2,
      failures: [
        {
          message: '\u001b[31mexpected 19998 to be 20000\u001b[39m',
          stack: 'AssertionError: expected 19998 to be 20000\n    at /app/e2e/kafka.e2e.ts:58:24',
          diff: '- 20000\n+ 19998',
        },
        { message: 'SF_GATE_READ_TIMEOUT counter.results: no record came\nhint: is the engine running?' },
      ],
    }),
    at(6.1, {
      type: 'error',
      file: 'e2e/broken.e2e.ts',
      failure: { message: 'no such module', stack: 'SyntaxError: no such module' },
    }),
    at(6.2, { type: 'note', level: 'warn', deployment: 'process on embedded', text: 'the disk is full' }),
    at(7, {
      type: 'run-end',
      tally: { passed: 1, failed: 3, notApplicable: 1, skipped: 1 },
      interrupted: false,
    }),
  ]
}

function at(seconds: number, event: NewRunEvent): RunEvent {
  return { at: START + Math.round(seconds * 1000), ...event }
}
