import { describe, expect, it } from 'vitest'
import { FunctionType } from '../core/function-type.ts'
import { FunctionMetrics } from './function-metrics.ts'
import { PrometheusRegistry } from './prometheus-registry.ts'

const PREFIX = 'flink_taskmanager_job_task_operator_'

async function lines(registry: PrometheusRegistry): Promise<string[]> {
  return (await registry.render()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

const functionType = () =>
  new FunctionType('example', 'count.er', { maxNumBatchRequests: 1, failurePolicy: { type: 'fail' } })

describe('the metrics', () => {
  it("have the names of Flink's reporter, one series per set of labels", async () => {
    const registry = new PrometheusRegistry()
    const name = 'deserializer.topic.defect.numInvalidRecordsSkipped'
    registry.counter(name, 'help', { topic: 'a', defect: 'NULL_KEY' }).inc()
    registry.counter(name, 'help', { topic: 'b', defect: 'NULL_KEY' }).inc(2)
    const series = `${PREFIX}deserializer_topic_defect_numInvalidRecordsSkipped`
    expect(await lines(registry)).toEqual([
      `${series}{topic="a",defect="NULL_KEY"} 1`,
      `${series}{topic="b",defect="NULL_KEY"} 2`,
    ])
  })

  it('give quantiles of what was observed last', async () => {
    const registry = new PrometheusRegistry('')
    const histogram = registry.histogram('latency', 'ms')
    for (let i = 1; i <= 1000; i++) histogram.observe(i)
    expect(await lines(registry)).toEqual(
      expect.arrayContaining([
        'latency{quantile="0.5"} 750',
        'latency{quantile="0.999"} 1000',
        'latency_count 1000',
        'latency_sum 500500',
      ]),
    )
  })

  it('lose a gauge that has ended, and show one that is registered again', async () => {
    const registry = new PrometheusRegistry('')
    let behind: number | undefined = 5
    registry.gauge('behind', 'ms', { shard: 'a' }, () => behind)
    registry.gauge('behind', 'ms', { shard: 'b' }, () => 7)
    expect(await lines(registry)).toEqual(['behind{shard="a"} 5', 'behind{shard="b"} 7'])
    behind = undefined
    expect(await lines(registry)).toEqual(['behind{shard="b"} 7'])
    behind = 9
    expect(await lines(registry)).toEqual(['behind{shard="b"} 7'])
    registry.gauge('behind', 'ms', { shard: 'a' }, () => behind)
    expect(await lines(registry)).toEqual(['behind{shard="b"} 7', 'behind{shard="a"} 9'])
  })

  it('of a function survive a restart of the job', async () => {
    const registry = new PrometheusRegistry()
    const metrics = new FunctionMetrics(registry)
    const first = functionType()
    metrics.register(first).attempt(5, true)
    first.counters.in = 7
    const scope = `${PREFIX}functions_example_count_er_`
    expect(await lines(registry)).toEqual(
      expect.arrayContaining([
        `${scope}in 7`,
        `${scope}remoteInvocationFailures 1`,
        `${scope}remoteInvocationLatency_count 1`,
      ]),
    )
    const second = functionType()
    second.counters.in = 1
    metrics.register(second).attempt(5, false)
    expect(await lines(registry)).toEqual(
      expect.arrayContaining([
        `${scope}in 1`,
        `${scope}remoteInvocationFailures 1`,
        `${scope}remoteInvocationLatency_count 2`,
      ]),
    )
  })

  it('have rates over the last minute beside them', async () => {
    const registry = new PrometheusRegistry('')
    const metrics = new FunctionMetrics(registry)
    const type = functionType()
    metrics.register(type)
    type.counters.in = 120
    metrics.sample()
    expect(await lines(registry)).toContain('functions_example_count_er_inRate 2')
    for (let i = 0; i < 13; i++) metrics.sample()
    expect(await lines(registry)).toContain('functions_example_count_er_inRate 0')
  })
})
