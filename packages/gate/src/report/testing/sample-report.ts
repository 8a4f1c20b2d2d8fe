import type { ReportedTest, RunReport } from '../run-report.ts'

/** Text that must never become markup, an attribute or an act of a terminal. */
export const HOSTILE = `<script>alert("1")</script> & 'quoted' \u001b[31mred\u001b[39m \u0007 ]]>`

const LACKS_HEADERS = 'not applicable on Flink (Apache StateFun 3.3.0): it has no headers of Kafka records'

const base = { tags: ['kafka'], errors: [], said: [], tails: [], evidence: [] }
const embedded = { deployment: 'process on embedded', topology: 'process', engine: 'embedded' }
const flink = { deployment: 'process on flink', topology: 'process', engine: 'flink' }
const KAFKA = { ...base, suite: 'kafka', file: 'e2e/kafka.e2e.ts' }
const CHAOS = { ...base, suite: 'chaos', file: 'e2e/chaos.e2e.ts', tags: ['kafka', 'chaos'] }

const SUM = 'adds up deltas'
const HEADERS = 'hands headers through'
const WORKER = 'totals are exact over kills of the worker'

/** A run in which something of everything happened. */
export function sampleReport(): RunReport {
  const tests: readonly ReportedTest[] = [
    { ...KAFKA, ...embedded, name: SUM, verdict: 'passed', begin: 14.2, seconds: 0.412 },
    { ...KAFKA, ...flink, name: SUM, verdict: 'passed', begin: 14.2, seconds: 2.734 },
    { ...KAFKA, ...embedded, name: 'greets', verdict: 'passed', begin: 14.7, seconds: 0.091 },
    { ...KAFKA, ...flink, name: 'greets', verdict: 'passed', begin: 17, seconds: 1.18 },
    {
      ...KAFKA,
      ...embedded,
      name: HEADERS,
      tags: ['kafka', 'headers'],
      verdict: 'passed',
      begin: 15,
      seconds: 0.2,
    },
    {
      ...KAFKA,
      ...flink,
      name: HEADERS,
      tags: ['kafka', 'headers'],
      verdict: 'not-applicable',
      reason: LACKS_HEADERS,
      begin: 18.2,
      seconds: 0,
    },
    { ...CHAOS, ...embedded, name: WORKER, verdict: 'failed', begin: 15.4, seconds: 11.92, ...lostRecord() },
    { ...CHAOS, ...flink, name: WORKER, verdict: 'passed', begin: 18.4, seconds: 24.6 },
    {
      ...KAFKA,
      ...flink,
      suite: 'kafka › invalid records',
      name: `are skipped ${HOSTILE}`,
      verdict: 'failed',
      begin: 43,
      seconds: 0.05,
      errors: [{ code: 'SF_GATE_READ_TIMEOUT', message: HOSTILE, where: HOSTILE, hint: HOSTILE }],
    },
  ]
  return {
    format: 'statefun-gate-report',
    version: 1,
    id: '2026-11-24T14-12-26-process',
    startedAt: '2026-11-24T14:12:26.120Z',
    seconds: 48.31,
    verdict: 'failed',
    request: {
      command: "npm run e2e -- --tags 'kafka or chaos'",
      topology: 'process',
      app: 'counter',
      engines: ['embedded', 'flink'],
      selection: 'kafka or chaos',
    },
    machine: {
      platform: 'linux x64',
      cores: 2,
      memoryBytes: 25_220_000_000,
      versions: ['Node 24.19.0', 'Kafka 3.9.1', 'LocalStack 4.1.1', 'Flink 1.16.2 (Apache StateFun 3.3.0)'],
    },
    phases: [
      { name: 'preconditions', lane: 0, begin: 0, seconds: 0.31, status: 'done' },
      { name: 'Kafka for embedded', lane: 0, begin: 0.31, seconds: 4.02, status: 'done' },
      { name: 'Kafka for Flink', lane: 1, begin: 0.31, seconds: 4.4, status: 'done' },
      { name: 'LocalStack', lane: 2, begin: 0.31, seconds: 6.81, status: 'done' },
      { name: 'function server', lane: 3, begin: 0.33, seconds: 0.72, status: 'done' },
      { name: 'engine', lane: 0, begin: 7.12, seconds: 0.94, status: 'done' },
      { name: 'Flink', lane: 1, begin: 7.12, seconds: 6.98, status: 'done' },
      { name: 'tests', lane: 0, begin: 14.12, seconds: 29.1, status: 'failed' },
      { name: 'evidence', lane: 0, begin: 43.22, seconds: 2.05, status: 'done' },
      { name: 'stop', lane: 0, begin: 45.27, seconds: 3.01, status: 'done' },
    ],
    deployments: [
      {
        name: 'process on embedded',
        engine: 'the embedded engine',
        parts: [
          { name: 'broker', about: 'Kafka 3.9.1 at 127.0.0.1:40121, pid 812', log: 'embedded/broker.log' },
          { name: 'worker', about: 'engine at 127.0.0.1:40125, pid 877', log: 'embedded/worker.log' },
        ],
      },
      {
        name: 'process on flink',
        engine: 'Flink 1.16.2 (Apache StateFun 3.3.0)',
        parts: [
          {
            name: 'job-manager',
            about: 'Flink 1.16.2, REST at 127.0.0.1:40131',
            log: 'flink/job-manager.log',
          },
        ],
      },
    ],
    tests,
    errors: [],
    said: [],
    measures: [
      { what: 'function image', name: 'pull', value: 44.13, unit: 'MB', limit: 45 },
      { what: 'function image', name: 'start', value: 0.62, unit: 's', limit: 0.5 },
    ],
    notes: [
      { at: 21.3, text: 'worker of process on embedded was killed (SIGKILL)' },
      { at: 44.9, text: 'bucket listing of process on flink could not be had: no answer in 5.0 s' },
    ],
    totals: { passed: 6, failed: 2, notApplicable: 1, skipped: 0 },
    evidence: [
      { title: 'Timeline of the run', path: 'timeline.json', bytes: 18_311 },
      { title: 'module.yaml, process on embedded', path: 'embedded/module.yaml', bytes: 2_113 },
      { title: 'Metrics, process on embedded', path: 'embedded/metrics.txt', bytes: 9_817 },
    ],
  }
}

function lostRecord(): Pick<ReportedTest, 'errors' | 'said' | 'tails' | 'evidence'> {
  return {
    errors: [
      {
        code: 'AssertionError',
        message: 'totals of 50 keys: expected 20000, received 19998',
        where: 'e2e/chaos.e2e.ts:58:24',
        diff: '- Expected\n+ Received\n\n  Object {\n-   "total": 20000,\n+   "total": 19998,\n  }',
        stack: 'AssertionError: totals of 50 keys\n    at e2e/chaos.e2e.ts:58:24',
      },
    ],
    said: [
      {
        part: 'worker',
        log: 'embedded/worker.log',
        omitted: 211,
        lines: [
          {
            at: 21.1,
            text: 'info  epoch 211 is durable  source=counter.commands position=11820 records=640 milliseconds=14',
          },
          { at: 21.3, text: 'info  engine started  app=counter checkpoint=file:checkpoints restored=211' },
          { at: 21.4, text: 'warn  invocation failed, again in 8 ms  function=counter.kafka/fn status=503' },
          { at: 21.9, text: 'error SF_TRANSPORT_BUDGET the budget of 30 s is used up  attempts=11' },
        ],
      },
      {
        part: 'broker',
        log: 'embedded/broker.log',
        omitted: 0,
        lines: [
          {
            at: 21.5,
            text: '[2026-11-24 14:12:47,611] INFO [GroupCoordinator 1]: Member left (kafka.coordinator)',
          },
        ],
      },
      { part: 'functions', omitted: 0, lines: [] },
    ],
    tails: [
      {
        name: 'topic counter.results',
        total: 19_998,
        file: 'embedded/topics.json',
        records: [
          {
            position: '0@19996',
            key: 'k17',
            value: '0x0a036b31371090 03',
            headers: 'processed-by=counter-fn',
          },
          { position: '0@19997', key: 'k18', value: '{"total":400}' },
        ],
      },
    ],
    evidence: [{ title: 'Record of the verdict', path: 'tests/chaos-1/verdict.json', bytes: 812 }],
  }
}
