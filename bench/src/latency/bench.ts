import { startKafka } from '@statefun/gate'
import { TOPIC_IN, TOPIC_OUT } from '../app/driver-module.ts'
import { startEngineProcess } from '../app/processes.ts'
import { openWriter, readTopic } from '../app/topics.ts'
import { defineBench } from '../bench.ts'

const KEYS = 1_000
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
    for (const topic of [TOPIC_IN, TOPIC_OUT]) await kafka.createTopic(topic, { partitions: 2 })
    await using writer = await openWriter(kafka.bootstrap)
    await using _engine = startEngineProcess(kafka.bootstrap, undefined)

    const total = rate * (WARM_UP_SECONDS + seconds)
    const latencies: number[] = []
    const { promise: allBack, resolve } = Promise.withResolvers<void>()
    let back = 0
    const origin = performance.now()
    await using _reader = await readTopic(kafka.bootstrap, TOPIC_OUT, (partition) => {
      const sentAt = Buffer.from(partition.value()).readDoubleLE(8)
      if (sentAt >= WARM_UP_SECONDS * 1000) latencies.push(performance.now() - origin - sentAt)
      if (++back === total) resolve()
    })
    report.note(`sending ${rate} records/s for ${WARM_UP_SECONDS} + ${seconds} s`)
    await send(writer, rate, total, origin)
    await allBack

    latencies.sort((a, b) => a - b)
    const at = (share: number) =>
      latencies[Math.min(Math.floor(latencies.length * share), latencies.length - 1)]!
    const row = {
      records: latencies.length,
      'p50 ms': at(0.5),
      'p90 ms': at(0.9),
      'p99 ms': at(0.99),
      'max ms': at(1),
    }
    report.table('latency', [row])
    report.goal({ name: 'p99', actual: at(0.99), limit: 10, want: 'below', unit: 'ms' })
    report.remark(
      'From handing the record to the producer until the consumer has the result, on one clock. Producer and consumer share a process; broker and engine are on the same machine.',
    )
  },
})

/** Sends at a steady pace; a record that is late because the timer was counts from when it should have gone. */
async function send(
  writer: Awaited<ReturnType<typeof openWriter>>,
  rate: number,
  total: number,
  origin: number,
): Promise<void> {
  const begin = performance.now() - origin
  const { promise, resolve } = Promise.withResolvers<void>()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.min(((performance.now() - origin - begin) / 1000) * rate, total)
    for (; sent < due; sent++) {
      const value = Buffer.alloc(100)
      value.writeDoubleLE(begin + (sent / rate) * 1000)
      writer.write(TOPIC_IN, `key-${(sent * 7919) % KEYS}`, value)
    }
    writer.nudge()
    if (sent < total) return
    clearInterval(timer)
    resolve()
  }, 1)
  await promise
}
