import { type ConnectorContext, type Sink, type SourcePartition, silentLogger } from '@statefun/engine'
import { kafkaConnector } from '@statefun/kafka'
import { kafkaRecordValue } from '@statefun/protocol'
import { driverModule } from './driver-module.ts'
import { TOPIC_IN } from './names.ts'

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

/** Writes records to a topic as fast as the connector can. */
export interface TopicWriter extends AsyncDisposable {
  write(topic: string, key: string, value: Uint8Array): void
  /** Sends what is gathered. */
  nudge(): void
  /** Settles when everything written is acknowledged. */
  flush(): Promise<void>
  readonly saturated: boolean
}

/** @throws StatefunError when the broker cannot be reached */
export async function openWriter(bootstrap: string): Promise<TopicWriter> {
  const { egresses } = driverModule(bootstrap, TOPIC_IN)
  const sink = kafkaConnector().createSink(egresses[0]!, context) as Sink
  let failure: Error | undefined
  await sink.start({
    drained() {},
    failed: (error) => {
      failure = error
    },
  })
  return {
    write(topic, key, value) {
      if (failure !== undefined) throw failure
      sink.write(kafkaRecordValue({ topic, key, value, headers: [] }))
    },
    nudge: () => sink.nudge(),
    flush: () => sink.flush(),
    get saturated() {
      return sink.saturated
    },
    [Symbol.asyncDispose]: () => sink.stop(),
  }
}

/** Reads a topic from its beginning and calls back for each record; the partition stands on the record meanwhile. */
export async function readTopic(
  bootstrap: string,
  topic: string,
  onRecord: (partition: SourcePartition) => void,
): Promise<AsyncDisposable> {
  const { ingresses } = driverModule(bootstrap, topic)
  const source = kafkaConnector().createSource(ingresses[0]!, context)!
  await source.start(
    {
      added() {},
      ready(partition) {
        while (partition.next()) onRecord(partition)
      },
      failed(error) {
        throw error
      },
    },
    new Map(),
  )
  return { [Symbol.asyncDispose]: () => source.stop() }
}
