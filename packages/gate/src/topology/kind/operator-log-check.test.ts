import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type RunEvent, RunEvents } from '../../run/run-events.ts'
import type { RunContext } from '../../run/run-observer.ts'
import { operatorLogCheck, unexpectedErrors } from './operator-log-check.ts'

const ERROR =
  '2026-11-24T14:51:14,494 ERROR o.a.f.k.o.c.FlinkDeploymentController [statefun-e2e.statefun-jobmanager] Flink recovery failed'

test('errors count that are of our namespace or of none, and not the usual ones', () => {
  const text = [
    '2026-11-24T14:51:14,494 INFO  o.a.f.kubernetes.operator.FlinkOperator [.] ERROR is only a word here',
    ERROR,
    '2026-11-24T14:51:14,494 ERROR i.j.o.Operator [.] Error starting',
    '2026-11-24T14:51:14,494 ERROR x [other.app] Flink recovery failed',
    '2026-11-24T14:51:14,494 ERROR x [statefun-e2e.a] Error during event processing',
    'org.apache.flink.kubernetes.operator.exception.StatusConflictException: Status have been modified externally',
    '\tat org.apache.flink.Some.method(Some.java:161)',
    '2026-11-24T14:51:14,494 ERROR x [statefun-e2e.a] java.net.ConnectException: Connection refused',
  ].join('\n')
  expect(unexpectedErrors(text)).toEqual([ERROR, expect.stringContaining('Error starting')])
})

test('an error in the log fails the run, once, by the test that it came with', () => {
  const folder = mkdtempSync(join(tmpdir(), 'statefun-operator-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const logPath = join(folder, 'operator.log')
  const events = new RunEvents()
  const errors: RunEvent[] = []
  events.subscribe((event) => event.type === 'error' && errors.push(event))
  operatorLogCheck().begin?.({ events, folder, request: {} as RunContext['request'] })
  events.emit({
    type: 'deployment-ready',
    deployment: 'kind on flink',
    engine: 'flink',
    engineTitle: 'Flink',
    parts: [{ name: 'operator', title: 'operator', logPath }],
  })
  const endTest = (test: string) =>
    events.emit({
      type: 'test-end',
      test: { deployment: 'kind on flink', engine: 'flink', file: 'a', test, tags: [] },
      verdict: 'passed',
      seconds: 1,
      failures: [],
    })
  endTest('before there is a log')
  appendFileSync(logPath, `${ERROR}\n`)
  endTest('adds up')
  endTest('the next one')
  expect(errors).toEqual([
    expect.objectContaining({
      deployment: 'kind on flink',
      failure: { message: expect.stringMatching(/by the end of "adds up".*Flink recovery failed/s) },
    }),
  ])
})
