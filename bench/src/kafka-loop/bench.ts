import { startKafka } from '@statefun/gate'
import { defineBench } from '../bench.ts'
import { kafkaLoop } from './kafka-loop.ts'

export const bench = defineBench({
  name: 'kafka-loop',
  summary: 'the Kafka connector alone: records from a real broker through source and sink, without an engine',
  options: {
    records: { default: 1_000_000, describe: 'records per round' },
    keys: { default: 1_000, describe: 'different keys' },
    bytes: { default: 100, describe: 'bytes of a value, at most 127' },
    rounds: { default: 3, describe: 'rounds; the best one counts' },
  },
  async run(args, report) {
    await using kafka = await startKafka()
    let best = 0
    for (let round = 1; round <= args.rounds; round++) {
      const topic = `kafka-loop-${round}`
      await kafka.createTopic(`${topic}-in`, { partitions: 2 })
      await kafka.createTopic(`${topic}-out`, { partitions: 2 })
      const result = await kafkaLoop({
        bootstrap: kafka.bootstrap,
        records: args.records,
        keys: args.keys,
        valueBytes: args.bytes,
        topic,
      })
      report.table(`round ${round}`, [
        {
          'produce msg/s': Math.round(result.producePerSecond),
          'loop msg/s': Math.round(result.loopPerSecond),
          'CPU us per record': ((result.cpuSeconds * 1e6) / result.records).toFixed(2),
          'peak RSS MB': Math.round(result.peakRssMb),
        },
      ])
      best = Math.max(best, result.loopPerSecond)
    }
    report.value('loopPerSecond', best)
  },
})
