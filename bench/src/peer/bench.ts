import { installFlink, type KafkaBroker, startKafka } from '@statefun/gate'
import { drain } from '../app/drain.ts'
import { makeTopics, prepare } from '../app/records.ts'
import { defineBench } from '../bench.ts'
import { measureLatency } from '../latency/run.ts'
import { type Contender, flink, ours } from './contenders.ts'
import { goalsOf, type LatencyRow, type ThroughputRow } from './goals.ts'

/** Records for each: enough for 10 to 30 s of work, so that checkpoints and start-up do not show. */
const SETTINGS = [
  { keys: 1_000, records: { Flink: 500_000, 'ours, HTTP': 1_200_000, 'ours, in-process': 4_000_000 } },
  { keys: 100_000, records: { Flink: 100_000, 'ours, HTTP': 300_000, 'ours, in-process': 1_500_000 } },
] as const

/** Flink's usual interval; ours at its default and at a short one. */
const FLINK_CHECKPOINTS_MS = 1_000
const EPOCHS_MS = [100, 20] as const
const WARM_UP_SECONDS = 5

export const bench = defineBench({
  name: 'peer',
  summary: 'beside Apache Flink StateFun: Kafka -> keyed counter -> Kafka, exactly-once',
  options: {
    scale: { default: 1, describe: 'factor for the numbers of records' },
    rate: { default: 1_000, describe: 'records per second for latency' },
    seconds: { default: 20, describe: 'seconds of latency measured, after a warm-up' },
    parallelism: { default: '1,2', describe: 'subtasks of Flink; latency is measured with the first' },
    only: { default: '', describe: 'contenders, by parts of their names: Flink, HTTP, in-process' },
    keys: { default: 0, describe: 'only this setting: 1000 or 100000' },
    throughput: { default: true, describe: 'measure throughput (--no-throughput: not)' },
    latency: { default: true, describe: 'measure latency (--no-latency: not)' },
  },
  async run(args, report) {
    const contenders = [
      ...args.parallelism
        .split(',')
        .map(Number)
        .map((parallelism) => flink({ parallelism, checkpointIntervalMs: FLINK_CHECKPOINTS_MS })),
      ...(['HTTP', 'in-process'] as const).flatMap((way) => EPOCHS_MS.map((epoch) => ours(way, epoch))),
    ].filter(({ name }) => args.only.split(',').some((part) => name.includes(part)))
    report.note('fetching what is missing, starting Kafka')
    await installFlink()
    await using kafka = await startKafka({ heapMb: 768 })
    const throughput: ThroughputRow[] = []
    const latency: LatencyRow[] = []
    for (const contender of contenders) {
      const what = `${contender.name}, ${contender.setup}`
      if (args.throughput && contender.checkpointIntervalMs >= EPOCHS_MS[0]) {
        for (const { keys, records } of SETTINGS) {
          if (args.keys !== 0 && args.keys !== keys) continue
          report.note(`${what}: ${keys} keys`)
          const count = Math.round(records[contender.name] * args.scale)
          const row = await measureThroughput(kafka, contender, count, keys)
          report.note(`${row['msg/s']} msg/s for ${row.seconds.toFixed(1)} s`)
          throughput.push(row)
        }
      }
      // Flink's once, with the first parallelism.
      if (args.latency && !latency.some(({ engine }) => engine === 'Flink' && contender.name === engine)) {
        report.note(`${what}: ${args.rate} records/s for ${WARM_UP_SECONDS} + ${args.seconds} s`)
        latency.push(await measurePace(kafka, contender, args.rate, args.seconds))
      }
    }
    if (throughput.length > 0)
      report.table(
        'throughput',
        throughput.map((row) => ({ ...row })),
      )
    if (latency.length > 0)
      report.table(
        'latency',
        latency.map((row) => ({ ...row })),
      )
    for (const goal of goalsOf(throughput, latency)) report.goal(goal)
    report.remark(
      'One machine runs all: Kafka, engine, function server, and the client that writes and reads. Every total of every key is checked, as a reader of committed records sees it. Rates and CPU count from the first visible result to the last.',
    )
    report.remark(
      'CPU and memory are those of the engine’s side: JobManager, TaskManager and function server; engine and function server; engine alone. Memory is the sum of each process’s largest resident set. First results count from the start of the engine’s first process; the function server runs already.',
    )
    report.remark(
      `Flink 1.16.2 with StateFun 3.3.0: parallelism as the table says (of two rows the better figure counts), RocksDB (incremental, 512 MiB managed), checkpoints every ${FLINK_CHECKPOINTS_MS} ms, execution.buffer-timeout 1 ms, heaps of 1,152 and 512 MiB, G1.`,
    )
  },
})

async function measureThroughput(
  kafka: KafkaBroker,
  contender: Contender,
  records: number,
  keys: number,
): Promise<ThroughputRow> {
  const drawn = await prepare(kafka, records, keys)
  await using engine = await contender.start(kafka)
  const drained = await drain(kafka, engine, records, drawn)
  return {
    engine: contender.name,
    setup: contender.setup,
    keys,
    records,
    seconds: drained.seconds,
    'msg/s': Math.round(drained.perSecond),
    'first result s': drained.firstResultSeconds,
    'CPU s / M msg': drained.cpuPerMillion,
    'peak MB': Math.round(drained.usage.peakMb),
  }
}

async function measurePace(
  kafka: KafkaBroker,
  contender: Contender,
  rate: number,
  seconds: number,
): Promise<LatencyRow> {
  await makeTopics(kafka)
  await using engine = await contender.start(kafka)
  const pace = { rate, seconds, warmUpSeconds: WARM_UP_SECONDS }
  const { p50, p90, p99, max } = await measureLatency(kafka.bootstrap, engine, pace)
  return {
    engine: contender.name,
    'checkpoints ms': contender.checkpointIntervalMs,
    'p50 ms': p50,
    'p90 ms': p90,
    'p99 ms': p99,
    'max ms': max,
  }
}
