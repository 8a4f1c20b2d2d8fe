import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'

const FILE = join(import.meta.dirname, '..', '..', '..', 'docs', 'snippets', 'alerts.yaml')

/** What StateFun counts for each function (contract 5.8), with the names of Flink's Prometheus reporter. */
const FUNCTION_METRICS = ['in', 'outLocal', 'outRemote', 'outEgress', 'inflightAsyncOps', 'numBacklog']
FUNCTION_METRICS.push('numBlockedAddress', 'remoteInvocationFailures', 'remoteInvocationLatency')
const OTHERS = [
  'flink_taskmanager_job_task_operator_deserializer_numInvalidRecordsSkipped',
  'flink_jobmanager_job_numberOfFailedCheckpoints',
  'flink_jobmanager_job_numRestarts',
]

it('alerts ask for metrics that there are', () => {
  const { groups } = parse(readFileSync(FILE, 'utf8')) as {
    groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[]
  }
  const rules = groups.flatMap(({ rules }) => rules)
  expect(rules.length).toBeGreaterThan(5)
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  for (const { expr, annotations } of rules) {
    const names = expr.match(/flink_[\w.+]+/g) ?? []
    expect(names.length, expr).toBe(1)
    const ofFunction = /^flink_taskmanager_job_task_operator_functions_\.\+_(\w+)$/.exec(names[0]!)?.[1]
    expect(ofFunction === undefined ? OTHERS : FUNCTION_METRICS).toContain(ofFunction ?? names[0])
    expect(annotations.summary).not.toBe('')
  }
})
