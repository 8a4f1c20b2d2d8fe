// `npm run example:kinesis`: the counter on Kinesis with its checkpoints in S3, both of LocalStack, wired by its module.yaml.
// In the second run the engine is killed with kill -9 in the middle of 1,000 records; no record is lost and every total is
// right.
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { create, toBinary } from '@bufbuild/protobuf'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { type LocalStack, startLocalStack } from '@statefun/gate'
import { s3ObjectStore } from '@statefun/s3'
import { StatefunError } from '@statefun/sdk'
import { endEngineProcess, startEngineProcess } from './engine-process.ts'
import { CounterCommandSchema } from './kinesis-counter/gen/counter_pb.ts'
import { type NewRecord, putAll, tail } from './kinesis-stream.ts'
import { Totals } from './kinesis-totals.ts'
import { formatTable } from './table.ts'

const COMMANDS = 10
const IDS = 10
const COMMANDS_PER_ID = 100
/** So that checkpoints (every 500 ms) fall between the commands. */
const SPACING_MS = 100
/** How long nothing may come after the last total before it counts as the last one. */
const QUIET_MS = 1_000
const BUCKET = 'statefun-checkpoints'
const CONFIG = join(import.meta.dirname, 'kinesis-counter', 'statefun.config.ts')

const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())

try {
  process.exitCode = await main()
} catch (error) {
  if (interrupted.signal.aborted) {
    console.log('\nStopped.')
    process.exitCode = 130
  } else {
    console.error(StatefunError.from(error).format())
    process.exitCode = 1
  }
}

async function main(): Promise<number> {
  console.log('Starting LocalStack with Kinesis and S3 (the first time, its packages are downloaded) ...')
  await using aws = await startLocalStack()
  interrupted.signal.throwIfAborted()
  console.log(`LocalStack ${aws.version} answers at ${aws.endpoint} after ${aws.startMs} ms.`)
  await aws.createStream('counter.commands')
  await aws.createStream('counter.results')
  await aws.createBucket(BUCKET)
  console.log(`Streams counter.commands and counter.results, bucket ${BUCKET} made.\n`)

  const { endpoint, region, credentials } = aws
  const client = new KinesisClient({ endpoint, region, credentials, requestHandler: new NodeHttpHandler() })
  const ended = new AbortController()
  const totals = new Totals(interrupted.signal)
  const reading = tail(client, 'counter.results', ended.signal, (data) => totals.add(data))
  const run = {
    config: CONFIG,
    checkpointPlace: `s3://${BUCKET}/checkpoints?endpoint=${endpoint}&region=${region}`,
    env: {
      KINESIS_ENDPOINT: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  }
  let engine: ChildProcess | undefined
  try {
    // A promise that fails is looked at below; until then it must not end the process.
    reading.catch(() => undefined)
    engine = await startEngineProcess(run)
    const few = await fewCommands(client, totals)
    const stored = await showCheckpoints(aws)

    const ids = Array.from({ length: IDS }, () => `counter-${randomUUID()}`)
    console.log(
      `2. ${IDS * COMMANDS_PER_ID} commands of +1 for ${IDS} ids, the engine is killed in the middle`,
    )
    const sending = send(client, ids, COMMANDS_PER_ID)
    // A promise that fails is looked at below.
    sending.catch(() => undefined)
    await totals.until(() => totals.count(ids) >= (IDS * COMMANDS_PER_ID) / 2)
    const { pid } = engine
    await endEngineProcess(engine, 'SIGKILL')
    console.log(`   ${totals.count(ids)} results are there, then kill -9 ${pid}`)
    await sending
    console.log('   the rest of the commands sent while no engine runs')
    engine = await startEngineProcess(run)
    console.log(`   engine started again, with nothing but its checkpoint in the bucket\n`)
    await totals.until(() => ids.every((id) => totals.last(id) >= BigInt(COMMANDS_PER_ID)))
    await sleep(QUIET_MS, undefined, { signal: interrupted.signal })
    const many = showTotals(ids, totals)
    return few && stored && many ? 0 : 1
  } finally {
    ended.abort()
    if (engine !== undefined)
      await endEngineProcess(engine, interrupted.signal.aborted ? 'SIGKILL' : 'SIGTERM')
    await reading
    client.destroy()
  }
}

async function fewCommands(client: KinesisClient, totals: Totals): Promise<boolean> {
  const id = `counter-${randomUUID()}`
  console.log(`1. ${COMMANDS} commands of +1 for ${id}`)
  await send(client, [id], COMMANDS)
  await totals.until(() => totals.last(id) >= BigInt(COMMANDS))
  console.log(`   total ${totals.last(id)} read from counter.results\n`)
  return totals.last(id) === BigInt(COMMANDS)
}

async function showCheckpoints({ endpoint, credentials }: LocalStack): Promise<boolean> {
  const store = s3ObjectStore(`s3://${BUCKET}?endpoint=${endpoint}`, { credentials })
  try {
    const rows: string[][] = []
    // The first checkpoint may not be through yet.
    while (rows.length === 0) {
      await sleep(SPACING_MS, undefined, { signal: interrupted.signal })
      for await (const { key, bytes } of store.list('checkpoints/')) rows.push([key, String(bytes)])
    }
    console.log(`   ${rows.length} objects below checkpoints/ in the bucket:\n`)
    console.log(`${formatTable(['key', 'bytes'], rows)}\n`)
    return rows.length > 0
  } finally {
    await store.close()
  }
}

function showTotals(ids: readonly string[], totals: Totals): boolean {
  const rows = ids.map((id) => {
    const seen = totals.of(id)
    const different = new Set(seen).size
    return [id, `${COMMANDS_PER_ID}`, `${totals.last(id)}`, `${different}`, `${seen.length - different}`]
  })
  console.log(formatTable(['id', 'commands', 'total', 'results', 'repeated'], rows))
  const right = ids.every(
    (id) => totals.last(id) === BigInt(COMMANDS_PER_ID) && new Set(totals.of(id)).size === COMMANDS_PER_ID,
  )
  console.log(
    right
      ? '\n   Every total is right and every result is there. Delivery is at-least-once: what came after the last checkpoint\n   came again.'
      : '\n   Something is missing or counted twice.',
  )
  return right
}

/** Sends `count` commands of +1 to each id, a request at a time, as they would come. */
async function send(client: KinesisClient, ids: readonly string[], count: number): Promise<void> {
  const command = (id: string): NewRecord => ({
    partitionKey: id,
    data: toBinary(CounterCommandSchema, create(CounterCommandSchema, { id, delta: 1n })),
  })
  for (let sent = 0; sent < count; sent++) {
    interrupted.signal.throwIfAborted()
    await putAll(client, 'counter.commands', ids.map(command))
    await sleep(SPACING_MS)
  }
}
