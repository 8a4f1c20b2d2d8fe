import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { type LocalStack, startLocalStack } from '@statefun/gate'
import { defineBench } from '../bench.ts'
import { median } from '../report/numbers.ts'
import type { Report } from '../report/report.ts'
import { Writer } from './bare-loop.ts'
import { readByIngress, writeByEgress } from './connector.ts'
import { runEngine, runLoop } from './contenders.ts'
import { openClient, readAll, remakeStream, STREAM_IN, STREAM_OUT, type StreamRecord } from './streams.ts'

const WAYS = ['write', 'read', 'through'] as const
type Way = (typeof WAYS)[number]

/** Records per second of every round. */
type Rates = Readonly<Record<Way, { readonly bare: number[]; readonly ours: number[] }>>

const LEAST_PERCENT = 80
const NAMES: Readonly<Record<Way, readonly [bare: string, ours: string]>> = {
  write: ['bare PutRecords', 'our egress'],
  read: ['bare GetRecords', 'our ingress'],
  through: ['bare GetRecords and PutRecords', 'our engine, a counter with durable state'],
}

export const bench = defineBench({
  name: 'kinesis',
  summary: 'Kinesis of LocalStack -> keyed counter -> Kinesis, beside a bare loop of the same client',
  options: {
    records: { default: 10_000, describe: 'records per measurement' },
    keys: { default: 1_000, describe: 'different partition keys' },
    bytes: { default: 100, describe: 'bytes of a record, at least 8' },
    shards: { default: 2, describe: 'shards of each stream' },
    rounds: { default: 3, describe: 'rounds; the median counts' },
  },
  async run(args, report) {
    report.note('starting LocalStack')
    await using aws = await startLocalStack({ services: ['kinesis'] })
    const client = openClient(aws)
    const data = Buffer.alloc(args.bytes, 'x')
    const records = Array.from({ length: args.records }, (_, i) => ({ key: `key-${i % args.keys}`, data }))
    const rates: Rates = {
      write: { bare: [], ours: [] },
      read: { bare: [], ours: [] },
      through: { bare: [], ours: [] },
    }
    try {
      for (let round = 1; round <= args.rounds; round++) {
        report.note(`round ${round} of ${args.rounds}`)
        await measureRound(aws, client, records, args.shards, rates)
      }
    } finally {
      client.destroy()
    }
    tell(report, rates)
  },
})

async function measureRound(
  aws: LocalStack,
  client: KinesisClient,
  records: readonly StreamRecord[],
  shards: number,
  { write, read, through }: Rates,
): Promise<void> {
  const count = records.length
  await remakeStream(aws, client, STREAM_IN, shards)
  await remakeStream(aws, client, STREAM_OUT, shards)
  write.bare.push(
    await rateOf(count, async () => {
      const writer = new Writer(client, STREAM_IN, () => undefined)
      await writer.write(records)
      await writer.flush()
    }),
  )
  write.ours.push(await rateOf(count, () => writeByEgress(aws.endpoint, records)))
  read.bare.push(await rateOf(count, () => readBare(client, count)))
  read.ours.push(await rateOf(count, () => readByIngress(aws.endpoint, count)))
  await remakeStream(aws, client, STREAM_OUT, shards)
  through.bare.push(await runLoop(aws, count))
  await remakeStream(aws, client, STREAM_OUT, shards)
  through.ours.push(await runEngine(aws, count))
  await verifyTotals(client, records)
}

async function rateOf(records: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return (records / (performance.now() - began)) * 1000
}

async function readBare(client: KinesisClient, count: number): Promise<void> {
  let read = 0
  await readAll(
    client,
    STREAM_IN,
    (batch) => {
      read += batch.length
    },
    () => read >= count,
  )
}

/** Each key's totals must be 1, 2, 3 … in this order: nothing is lost, doubled or out of order. */
async function verifyTotals(client: KinesisClient, records: readonly StreamRecord[]): Promise<void> {
  const totals = new Map<string, bigint>()
  let seen = 0
  await readAll(
    client,
    STREAM_OUT,
    (batch) => {
      for (const { key, data } of batch) {
        const total = Buffer.from(data).readBigInt64LE()
        const expected = (totals.get(key) ?? 0n) + 1n
        if (total !== expected) throw new Error(`${key}: total ${total} where ${expected} was due`)
        totals.set(key, total)
        seen++
      }
    },
    () => seen >= records.length,
  )
  const keys = new Set(records.map(({ key }) => key)).size
  if (totals.size !== keys) throw new Error(`${totals.size} keys in the results, ${keys} expected`)
}

function tell(report: Report, rates: Rates): void {
  const rows = WAYS.flatMap((way) => {
    const [bare, ours] = [median(rates[way].bare), median(rates[way].ours)]
    const percent = Math.round((ours / bare) * 100)
    report.value(way, { barePerSecond: bare, oursPerSecond: ours })
    report.goal({
      name: `${way}, of the bare client`,
      actual: percent,
      limit: LEAST_PERCENT,
      want: 'atLeast',
      unit: '%',
    })
    return [
      { way, by: NAMES[way][0], 'records/s': Math.round(bare), 'of the limit': '100 %' },
      { way, by: NAMES[way][1], 'records/s': Math.round(ours), 'of the limit': `${percent} %` },
    ]
  })
  report.table('Kinesis of LocalStack', rows)
  report.remark(
    'LocalStack’s Kinesis is the limit here, not AWS’s: 500 records to a PutRecords request and 4 requests at once for both sides, up to 10,000 records to a GetRecords answer, one reader a shard. "write" and "read" are the connector alone, "through" is `statefun run` in a process of its own beside the bare loop in one. Every total is checked.',
  )
}
