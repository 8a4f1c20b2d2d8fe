import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { HeaderJson, NewRecordJson } from '@statefun/engine'
import { nearestName, StatefunError } from '@statefun/protocol'
import { Command, Option } from 'commander'
import { AdminClient } from '../admin-client.ts'
import type { TopicFormat } from '../config.ts'
import type { Io } from '../io.ts'
import {
  adminOption,
  adminUrl,
  configOption,
  examples,
  kafkaOption,
  optionalConfig,
} from './shared-options.ts'

interface SendOptions {
  readonly key?: string
  readonly value?: string
  readonly json?: string
  readonly file?: string
  readonly tombstone?: boolean
  readonly header: readonly string[]
  readonly output: 'text' | 'json'
  readonly config?: string
  readonly admin?: string
  readonly kafka?: string
}

/** `statefun send`: writes one record to a topic. */
export function sendCommand(io: Io): Command {
  const command = new Command('send')
    .summary('write a record to a topic')
    .description(
      'Writes one record to an in-process topic of a running engine, or to Kafka with --kafka.\n' +
        'Without --key the record has a null key, which an ingress skips.\n' +
        'The Kinesis stream orders is the in-process topic kinesis:orders.',
    )
    .argument('<topic>')
    .option('-k, --key <text>', 'key: the id of the function instance it goes to')
    .option('-v, --value <text>', 'value as text')
    .option(
      '-j, --json <json>',
      'value as JSON, encoded by the format that the configuration names for the topic, else as it is',
    )
    .option('-f, --file <path>', 'value from a file, "-" for standard input')
    .option('--tombstone', 'no value: null')
    .option(
      '-H, --header <name=value>',
      'a header, "name" alone for one without value; may be repeated',
      collect,
      [],
    )
    .addOption(new Option('-o, --output <form>', 'what is printed').choices(['text', 'json']).default('text'))
    .addOption(adminOption())
    .addOption(kafkaOption())
    .addOption(configOption())
    .action(async (topic: string, options: SendOptions) => {
      const config = await optionalConfig(io.cwd, options.config)
      const record: NewRecordJson = {
        key: options.key ?? null,
        ...(await readValueOption(io, options, config?.config.topics?.[topic])),
        headers: options.header.map(parseHeader),
      }
      const stored =
        options.kafka === undefined
          ? await sendToEngine(io, new AdminClient(adminUrl(options.admin, config), io.signal), topic, record)
          : await (await import('../kafka-topics.ts')).sendToKafka(options.kafka, topic, record)
      io.stdout.write(
        options.output === 'json'
          ? `${JSON.stringify(stored)}\n`
          : `sent to ${stored.topic}, partition ${stored.partition}, offset ${stored.offset}\n`,
      )
    })
  return examples(
    command,
    `statefun send greeter.commands --key alice --json '{"name":"Alice"}'`,
    'statefun send counter.commands --key alice --file command.bin --header trace-id=abc',
    'statefun send events --key k --value hello --kafka localhost:9092',
  )
}

async function sendToEngine(
  io: Io,
  client: AdminClient,
  topic: string,
  record: NewRecordJson,
): Promise<{ topic: string; partition: number; offset: number | string }> {
  // A topic comes into being when it is written: a misspelt one would take the record, too, and nothing would happen.
  const { topics } = (await (await client.get('/topics')).json()) as { topics: readonly { name: string }[] }
  const names = topics.map(({ name }) => name)
  if (!names.includes(topic)) {
    const nearest = nearestName(topic, names)
    const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`
    io.stderr.write(`warning: there was no topic ${topic} so far, no function reads it${meant}\n`)
  }
  const response = await client.post(`/topics/${encodeURIComponent(topic)}/records`, record)
  const { records } = (await response.json()) as {
    records: readonly [{ topic: string; partition: number; offset: number }]
  }
  return records[0]
}

async function readValueOption(
  io: Io,
  options: SendOptions,
  format: TopicFormat | undefined,
): Promise<Pick<NewRecordJson, 'value' | 'valueBase64'>> {
  const given = [options.value, options.json, options.file, options.tombstone].filter(
    (way) => way !== undefined,
  )
  if (given.length !== 1) {
    throw new StatefunError(
      'SF_CLI_VALUE',
      given.length === 0 ? 'there is no value to send' : 'there is more than one value',
      {
        hint: 'give exactly one of --value, --json, --file and --tombstone',
      },
    )
  }
  if (options.value !== undefined) return { value: options.value }
  if (options.json !== undefined) return base64(encodeJson(options.json, format))
  if (options.file !== undefined) return base64(await readValue(io, options.file))
  return { value: null }
}

function encodeJson(text: string, format: TopicFormat | undefined): Uint8Array {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new StatefunError('SF_CLI_VALUE', `--json is not JSON: ${(cause as Error).message}`, {
      hint: `put it in single quotes: --json '{"name":"Alice"}'`,
    })
  }
  if (format === undefined) return new TextEncoder().encode(text)
  try {
    return format.fromJson(json)
  } catch (cause) {
    throw new StatefunError('SF_CLI_VALUE', `--json does not fit the topic: ${(cause as Error).message}`, {
      cause,
    })
  }
}

async function readValue(io: Io, path: string): Promise<Uint8Array> {
  if (path === '-') {
    const chunks: Uint8Array[] = []
    for await (const chunk of io.stdin) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  try {
    return await readFile(resolve(io.cwd, path))
  } catch (cause) {
    throw new StatefunError('SF_CLI_FILE', `cannot read "${path}": ${(cause as Error).message}`, { cause })
  }
}

function base64(bytes: Uint8Array): Pick<NewRecordJson, 'valueBase64'> {
  return { valueBase64: Buffer.from(bytes).toString('base64') }
}

function parseHeader(text: string): HeaderJson {
  const equals = text.indexOf('=')
  return equals === -1
    ? { key: text, value: null }
    : { key: text.slice(0, equals), value: text.slice(equals + 1) }
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value]
}
