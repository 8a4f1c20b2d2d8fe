import { startKafka } from '@statefun/gate'
import { prepare } from '../app/records.ts'
import { defineBench } from '../bench.ts'
import { measure } from './run.ts'

/** Few keys make large batches per address, many keys make batches of one: the two ends that matter. */
const SETTINGS = [
  { keys: 1_000, share: 1, inProcess: 300_000, http: 60_000 },
  { keys: 100_000, share: 0.3, inProcess: 200_000, http: 20_000 },
] as const

const MAX_MB = 300
const MAX_FIRST_RESULT_SECONDS = 1.5

export const bench = defineBench({
  name: 'throughput',
  summary: 'Kafka -> keyed counter -> Kafka, at-least-once with durable state',
  options: {
    records: { default: 1_000_000, describe: 'records at 1,000 keys; 30 % of it at 100,000 keys' },
    keys: { default: 0, describe: 'only this setting: 1000 or 100000' },
    mode: { default: '', describe: 'only this way to call the function: in-process or http' },
  },
  async run(args, report) {
    report.note('starting Kafka')
    await using kafka = await startKafka({ heapMb: 768 })
    const rows: Record<string, string | number>[] = []
    for (const { keys, share, inProcess, http } of SETTINGS) {
      if (args.keys !== 0 && args.keys !== keys) continue
      const records = Math.round(args.records * share)
      for (const mode of ['in-process', 'http'] as const) {
        if (args.mode !== '' && args.mode !== mode) continue
        report.note(`${mode}, ${keys} keys: writing ${records} records`)
        const drawn = await prepare(kafka, records, keys)
        report.note(`${mode}, ${keys} keys: running`)
        const { perSecond, firstResultSeconds, usage } = await measure(kafka, records, drawn, mode)
        rows.push({
          function: mode,
          keys,
          records,
          'msg/s': Math.round(perSecond),
          'CPU s': usage.cpuSeconds,
          'CPU s / M msg': (usage.cpuSeconds / records) * 1e6,
          'peak MB': Math.round(usage.peakMb),
          'first result s': firstResultSeconds,
        })
        const name = `${mode}, ${keys} keys`
        const limit = mode === 'http' ? http : inProcess
        report.goal({
          name: `msg/s, ${name}`,
          actual: Math.round(perSecond),
          limit,
          want: 'atLeast',
          unit: 'msg/s',
        })
        report.goal({
          name: `memory, ${name}`,
          actual: Math.round(usage.peakMb),
          limit: MAX_MB,
          want: 'below',
          unit: 'MB',
        })
        report.goal({
          name: `first result, ${name}`,
          actual: firstResultSeconds,
          limit: MAX_FIRST_RESULT_SECONDS,
          want: 'below',
          unit: 's',
        })
      }
    }
    report.table('throughput', rows)
    report.remark(
      'One machine runs broker, engine and (http) function server. Rates count from the first result on; CPU and memory are those of the engine process from its start. Every total is checked.',
    )
  },
})
