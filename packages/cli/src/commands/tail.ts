import type { RecordJson } from '@statefun/engine'
import { Command, InvalidArgumentError } from 'commander'
import { AdminClient } from '../admin-client.ts'
import type { Io } from '../io.ts'
import { readNdjson } from '../ndjson.ts'
import { recordLine, showRecord } from '../output/show-record.ts'
import {
  adminOption,
  adminUrl,
  configOption,
  examples,
  kafkaOption,
  optionalConfig,
  wholeNumber,
} from './shared-options.ts'

interface TailOptions {
  readonly from: string
  readonly limit?: number
  readonly follow: boolean
  readonly json?: boolean
  readonly config?: string
  readonly admin?: string
  readonly kafka?: string
}

/** `statefun tail`: prints the records of a topic as they come. */
export function tailCommand(io: Io): Command {
  const command = new Command('tail')
    .summary('print the records of a topic as they come')
    .description(
      'Prints the records of an in-process topic of a running engine, or of a Kafka topic with --kafka,\n' +
        'until it is interrupted. The Kinesis stream orders is the in-process topic kinesis:orders.',
    )
    .argument('<topic>')
    .option('--from <position>', 'earliest, latest or an offset', parseFrom, 'earliest')
    .option('-n, --limit <count>', 'end after this many records', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--no-follow', 'end after what is there now')
    .option('--json', 'one JSON object per line: topic, partition, offset, timestamp, key, value, headers')
    .addOption(adminOption())
    .addOption(kafkaOption())
    .addOption(configOption())
    .action(async (topic: string, options: TailOptions) => {
      const config = await optionalConfig(io.cwd, options.config)
      const format = config?.config.topics?.[topic]
      const records =
        options.kafka === undefined
          ? tailEngine(new AdminClient(adminUrl(options.admin, config), io.signal), topic, options)
          : (await import('../kafka-topics.ts')).tailKafka(options.kafka, topic, options, io.signal)
      try {
        for await (const record of records) {
          const line = options.json ? JSON.stringify(record) : recordLine(showRecord(record, format))
          io.stdout.write(`${line}\n`)
        }
      } catch (error) {
        // Ctrl-C is how a tail ends.
        if (!io.signal.aborted) throw error
      }
    })
  return examples(
    command,
    'statefun tail counter.results',
    'statefun tail counter.results --from latest --limit 1 --json',
    'statefun tail counter.results --no-follow --kafka localhost:9092',
  )
}

async function* tailEngine(
  client: AdminClient,
  topic: string,
  options: TailOptions,
): AsyncGenerator<RecordJson> {
  const query = new URLSearchParams({ from: options.from, follow: String(options.follow) })
  if (options.limit !== undefined) query.set('limit', String(options.limit))
  const response = await client.get(`/topics/${encodeURIComponent(topic)}/records?${query}`)
  if (response.body !== null) yield* readNdjson<RecordJson>(response.body)
}

function parseFrom(text: string): string {
  if (text === 'earliest' || text === 'latest' || /^\d{1,15}$/.test(text)) return text
  throw new InvalidArgumentError('It is earliest, latest or an offset.')
}
