import { describe, expect, it } from 'vitest'
import { goalsOf, type LatencyRow, type ThroughputRow } from './goals.ts'

const row = (
  engine: ThroughputRow['engine'],
  keys: number,
  figures: { rate: number; first: number; cpu: number; mb: number },
): ThroughputRow => ({
  engine,
  setup: '',
  keys,
  records: 1,
  seconds: 1,
  'msg/s': figures.rate,
  'first result s': figures.first,
  'CPU s / M msg': figures.cpu,
  'peak MB': figures.mb,
})
const latency = (engine: LatencyRow['engine'], checkpoints: number, p99: number): LatencyRow => ({
  engine,
  'checkpoints ms': checkpoints,
  'p50 ms': 1,
  'p90 ms': 1,
  'p99 ms': p99,
  'max ms': 1,
})

describe('goals beside Flink', () => {
  it('are ratios to the row of the same number of keys', () => {
    const goals = goalsOf(
      [
        row('Flink', 1_000, { rate: 100, first: 20, cpu: 50, mb: 900 }),
        row('Flink', 100_000, { rate: 10, first: 30, cpu: 60, mb: 1200 }),
        row('ours, in-process', 100_000, { rate: 300, first: 2, cpu: 3, mb: 300 }),
      ],
      [],
    )
    expect(goals.map(({ name, actual, limit }) => [name.split(',')[0], actual, limit])).toEqual([
      ['throughput', 30, 25],
      ['first result sooner', 15, 10],
      ['less memory', 4, 6],
      ['less CPU per message', 20, 10],
    ])
  })

  it('compare each figure with the best of Flink’s', () => {
    const [throughput, first, memory] = goalsOf(
      [
        row('Flink', 1_000, { rate: 100, first: 30, cpu: 50, mb: 900 }),
        row('Flink', 1_000, { rate: 200, first: 20, cpu: 60, mb: 1200 }),
        row('ours, HTTP', 1_000, { rate: 400, first: 2, cpu: 3, mb: 300 }),
      ],
      [],
    )
    expect([throughput?.actual, first?.actual, memory?.actual]).toEqual([2, 10, 3])
  })

  it('hold milliseconds for the intervals that have a limit', () => {
    const goals = goalsOf(
      [],
      [latency('Flink', 1000, 1500), latency('ours, HTTP', 100, 120), latency('ours, HTTP', 50, 75)],
    )
    expect(goals.map(({ name, actual, limit, unit }) => [name, actual, limit, unit])).toEqual([
      ['p99, ours, HTTP, epochs of 100 ms', 120, 130, 'ms'],
      ['p99 sooner, ours, HTTP, epochs of 100 ms', 12.5, 10, 'x'],
      ['p99 sooner, ours, HTTP, epochs of 50 ms', 20, 10, 'x'],
    ])
  })

  it('say nothing without Flink but what stands by itself', () => {
    const figures = { rate: 1, first: 1, cpu: 1, mb: 1 }
    expect(goalsOf([row('ours, HTTP', 1_000, figures)], [latency('ours, HTTP', 20, 51)])).toMatchObject([
      { actual: 51, limit: 50 },
    ])
  })
})
