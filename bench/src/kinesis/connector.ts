import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ConnectorContext,
  loadModule,
  type Sink,
  type SourcePartition,
  silentLogger,
} from '@statefun/engine'
import { kinesisConnector } from '@statefun/kinesis'
import { kinesisRecordValue, type StatefunError } from '@statefun/protocol'
import { STREAM_OUT, type StreamRecord } from './streams.ts'

const context: ConnectorContext = {
  app: 'bench-driver',
  logger: silentLogger,
  metrics: {
    counter: () => ({ inc() {} }),
    gauge() {},
    histogram: () => ({ observe() {} }),
    render: async () => '',
  },
}
/** Records in a turn, as an engine writes them. */
const TURN = 1_000

function appModule(endpoint: string) {
  const file = join(import.meta.dirname, 'app', 'module.yaml')
  return loadModule(readFileSync(file, 'utf8'), { file, env: { BENCH_KINESIS: endpoint } })
}

/** Writes records with the connector's egress alone, as fast as it takes them. */
export async function writeByEgress(endpoint: string, records: readonly StreamRecord[]): Promise<void> {
  const sink = kinesisConnector().createSink(appModule(endpoint).egresses[0]!, context) as Sink
  const ended = Promise.withResolvers<never>()
  ended.promise.catch(() => undefined)
  let room = Promise.withResolvers<void>()
  await sink.start({ drained: () => room.resolve(), failed: (error) => ended.reject(error) })
  try {
    for (const [index, { key, data }] of records.entries()) {
      if (sink.saturated) {
        room = Promise.withResolvers()
        sink.nudge()
        await Promise.race([room.promise, ended.promise])
      }
      sink.write(
        kinesisRecordValue({
          stream: STREAM_OUT,
          partitionKey: key,
          value: data,
          explicitHashKey: undefined,
        }),
      )
      if (index % TURN === TURN - 1) sink.nudge()
    }
    await sink.flush()
  } finally {
    await sink.stop()
  }
}

/** Reads records with the connector's ingress alone, as fast as it gives them. */
export async function readByIngress(endpoint: string, records: number): Promise<void> {
  const source = kinesisConnector().createSource(appModule(endpoint).ingresses[0]!, context)!
  let read = 0
  const all = Promise.withResolvers<void>()
  await source.start(
    {
      added: () => undefined,
      ready(partition: SourcePartition) {
        while (partition.next()) read++
        if (read === records) all.resolve()
      },
      failed: (error: StatefunError) => all.reject(error),
    },
    new Map(),
  )
  try {
    await all.promise
  } finally {
    await source.stop()
  }
}
