import type { Goal } from '../report/report.ts'
import type { ContenderName } from './contenders.ts'

/** What one contender did with one number of keys. */
export interface ThroughputRow {
  readonly engine: ContenderName
  readonly setup: string
  readonly keys: number
  readonly records: number
  /** From the first visible result to the last. */
  readonly seconds: number
  readonly 'msg/s': number
  readonly 'first result s': number
  readonly 'CPU s / M msg': number
  readonly 'peak MB': number
}

/** What one contender did at a steady pace. */
export interface LatencyRow {
  readonly engine: ContenderName
  readonly 'checkpoints ms': number
  readonly 'p50 ms': number
  readonly 'p90 ms': number
  readonly 'p99 ms': number
  readonly 'max ms': number
}

/** How much better than Flink each way to run the function has to be. */
const AT_LEAST: Readonly<
  Record<
    'ours, HTTP' | 'ours, in-process',
    { readonly perSecond: Readonly<Record<number, number>>; readonly cpu?: number }
  >
> = {
  'ours, HTTP': { perSecond: { 1000: 2, 100000: 4 } },
  'ours, in-process': { perSecond: { 1000: 8, 100000: 25 }, cpu: 10 },
}
const FIRST_RESULT = 10
const MEMORY = 6
const P99 = 10
/** Milliseconds of p99 by milliseconds between checkpoints. */
const P99_MS: Readonly<Record<number, number>> = { 100: 130, 20: 50 }

/**
 * The goals for what was measured, each a ratio to Flink's figure (larger is better for us) or milliseconds. Of several
 * set-ups of Flink, each figure is compared with the best one.
 */
export function goalsOf(
  throughput: readonly ThroughputRow[],
  latency: readonly LatencyRow[],
): readonly Goal[] {
  const goals: Goal[] = []
  const ratio = (name: string, actual: number, limit: number) =>
    goals.push({ name, actual, limit, want: 'atLeast', unit: 'x' })
  for (const row of throughput) {
    const peers = throughput.filter(({ engine, keys }) => engine === 'Flink' && keys === row.keys)
    if (row.engine === 'Flink' || peers.length === 0) continue
    const least = (column: 'first result s' | 'peak MB' | 'CPU s / M msg') =>
      Math.min(...peers.map((peer) => peer[column])) / row[column]
    const { perSecond, cpu } = AT_LEAST[row.engine]
    const at = `${row.engine}, ${row.keys.toLocaleString('en-US')} keys`
    const faster = perSecond[row.keys]
    if (faster !== undefined) {
      ratio(`throughput, ${at}`, row['msg/s'] / Math.max(...peers.map((peer) => peer['msg/s'])), faster)
    }
    ratio(`first result sooner, ${at}`, least('first result s'), FIRST_RESULT)
    ratio(`less memory, ${at}`, least('peak MB'), MEMORY)
    if (cpu !== undefined) ratio(`less CPU per message, ${at}`, least('CPU s / M msg'), cpu)
  }
  const peer = latency.find(({ engine }) => engine === 'Flink')
  for (const row of latency) {
    if (row.engine === 'Flink') continue
    const at = `${row.engine}, epochs of ${row['checkpoints ms']} ms`
    const most = P99_MS[row['checkpoints ms']]
    if (most !== undefined) {
      goals.push({ name: `p99, ${at}`, actual: row['p99 ms'], limit: most, want: 'below', unit: 'ms' })
    }
    if (peer !== undefined) ratio(`p99 sooner, ${at}`, peer['p99 ms'] / row['p99 ms'], P99)
  }
  return goals
}
