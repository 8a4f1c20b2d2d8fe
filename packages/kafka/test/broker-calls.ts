import { randomUUID } from 'node:crypto'
import { Connection, createPartitionsV3, createTopicsV7, listOffsetsV7 } from '@platformatic/kafka'
import { produceBatches } from '../src/produce/produce-call.ts'
import { BatchBuilder, NO_STAMP } from '../src/record-batch/batch-builder.ts'
import { again } from './again.ts'

/** Raw calls to a broker, for what the connector itself never does. */
export async function withBroker<T>(
  bootstrap: string,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const [host, port] = bootstrap.split(':')
  const connection = new Connection('test')
  connection.on('error', () => {})
  await connection.connect(host!, Number(port))
  try {
    return await use(connection)
  } finally {
    await connection.close()
  }
}

/** Creates a topic with a fresh name; returns when all its partitions answer. */
export async function newTopic(
  bootstrap: string,
  partitions = 1,
  config: Readonly<Record<string, string>> = {},
  name: string = `t-${randomUUID()}`,
): Promise<string> {
  const configs = Object.entries(config).map(([key, value]) => ({ name: key, value }))
  const topic = { name, numPartitions: partitions, replicationFactor: 1, assignments: [], configs }
  const probes = Array.from({ length: partitions }, (_, partitionIndex) => ({
    partitionIndex,
    currentLeaderEpoch: -1,
    timestamp: -1n,
  }))
  await withBroker(bootstrap, async (connection) => {
    await createTopicsV7.api.async(connection, [topic], 10_000, false)
    // The broker answers a creation before it leads the partitions.
    await again(() => listOffsetsV7.api.async(connection, -1, 0, [{ name, partitions: probes }]))
  })
  return name
}

/** Raises the number of partitions to `count`. */
export async function addPartitions(bootstrap: string, topic: string, count: number): Promise<void> {
  await withBroker(bootstrap, (connection) =>
    createPartitionsV3.api.async(connection, [{ name: topic, count, assignments: null }], 10_000, false),
  )
}

/** A record of {@link produceRaw}; null key or value is what no egress can write. */
export interface RawRecord {
  readonly key: string | null
  readonly value: string | null
}

/** Writes one batch to partition 0. */
export async function produceRaw(
  bootstrap: string,
  topic: string,
  records: readonly RawRecord[],
  timestamp: number,
): Promise<void> {
  const builder = new BatchBuilder()
  for (const { key, value } of records) {
    const bytes = Buffer.from(`${key ?? ''}${value ?? ''}`)
    const keyEnd = Buffer.byteLength(key ?? '')
    builder.append(
      {
        bytes,
        keyStart: key === null ? -1 : 0,
        keyEnd: key === null ? -1 : keyEnd,
        valueStart: value === null ? -1 : keyEnd,
        valueEnd: value === null ? -1 : bytes.length,
        headers: undefined,
      },
      timestamp,
    )
  }
  const batch = builder.finish(NO_STAMP, 'none')
  const [answer] = await withBroker(bootstrap, (connection) =>
    produceBatches(connection, [{ topic, index: 0, batch }], -1, 10_000),
  )
  if (answer?.errorCode !== 0) throw new Error(`the broker answered ${answer?.errorCode}`)
}
