import { startKafka } from '@statefun/gate'
import { startEngineProcess } from '../app/processes.ts'
import { makeTopics } from '../app/records.ts'
import { defineBench } from '../bench.ts'
import { measureLatency } from './run.ts'

const WARM_UP_SECONDS = 3

export const bench = defineBench({
  name: 'latency',
  summary: 'record in to record out at a fixed rate, at-least-once',
  options: {
    rate: { default: 1_000, describe: 'records per second' },
    seconds: { default: 30, describe: 'seconds measured, after a warm-up' },
  },
  async run({ rate, seconds }, report) {
    report.note('starting Kafka')
    await using kafka = await startKafka()
    await makeTopics(kafka)
    await using engine = await startEngineProcess(kafka.bootstrap)
    report.note(`sending ${rate} records/s for ${WARM_UP_SECONDS} + ${seconds} s`)
    const pace = { rate, seconds, warmUpSeconds: WARM_UP_SECONDS }
    const { records, p50, p90, p99, max } = await measureLatency(kafka.bootstrap, engine, pace)
    report.table('latency', [{ records, 'p50 ms': p50, 'p90 ms': p90, 'p99 ms': p99, 'max ms': max }])
    report.goal({ name: 'p99', actual: p99, limit: 10, want: 'below', unit: 'ms' })
    report.remark(
      'From handing the record to the producer until the consumer has the result, on one clock. Producer and consumer share a process; broker and engine are on the same machine.',
    )
  },
})
