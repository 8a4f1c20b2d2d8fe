import { performance } from 'node:perf_hooks'
import {
  type ConnectorContext,
  type Counter,
  type Histogram,
  type KafkaEgressDefinition,
  type KafkaIngressDefinition,
  type MetricRegistry,
  type Sink,
  type Source,
  type SourcePartition,
  silentLogger,
} from '@statefun/engine'
import { kafkaConnector } from '@statefun/kafka'
import {
  KAFKA_PRODUCER_RECORD,
  kafkaRecordValue,
  type StatefunError,
  type TypedValue,
} from '@statefun/protocol'

/** What one pass of {@link kafkaLoop} found. */
export interface KafkaLoopResult {
  readonly records: number
  readonly keys: number
  readonly producePerSecond: number
  readonly loopPerSecond: number
  readonly cpuSeconds: number
  readonly peakRssMb: number
}

/** Options of {@link kafkaLoop}. */
export interface KafkaLoopOptions {
  readonly bootstrap: string
  readonly records: number
  readonly keys: number
  readonly valueBytes: number
  /** Prefix of the topics; made unique by the caller. */
  readonly topic: string
}

/** Records per turn, as an engine that leaves room for timers and sockets would take them. */
const TURN = 2_000
const location = { file: 'bench', line: 1, column: 1 }

/**
 * Writes `records` records with the sink, then reads them with the source, counts per key and writes one record each with
 * the sink: the connector without an engine around it, so the ceiling for one.
 */
export async function kafkaLoop(options: KafkaLoopOptions): Promise<KafkaLoopResult> {
  const input = `${options.topic}-in`
  const output = `${options.topic}-out`
  const producePerSecond = await produce(options, input)
  let peakRss = 0
  const sampling = setInterval(() => {
    peakRss = Math.max(peakRss, process.memoryUsage.rss())
  }, 20)
  const turn = new Turn()
  const failed = (error: StatefunError) => turn.fail(error)
  const sink = newSink(options.bootstrap)
  const source = newSource(options.bootstrap, input)
  try {
    await sink.start({ drained: () => turn.wake(), failed })
    const ready: SourcePartition[] = []
    const counts = new Map<string, number>()
    const record = new RecordTemplate(output)
    const cpu = process.cpuUsage()
    const began = performance.now()
    await source.start(
      {
        added: () => {},
        ready: (partition) => {
          if (!ready.includes(partition)) ready.push(partition)
          turn.wake()
        },
        failed,
      },
      new Map(),
    )
    for (let seen = 0; seen < options.records; ) {
      const partition = ready[0]
      if (partition === undefined || sink.saturated) {
        sink.nudge()
        await turn.pause()
        continue
      }
      let taken = 0
      while (taken < TURN && partition.next()) {
        const id = partition.id()
        counts.set(id, (counts.get(id) ?? 0) + 1)
        sink.write(record.of(id, partition.value()))
        taken++
      }
      seen += taken
      if (taken < TURN) ready.shift()
      sink.nudge()
      await new Promise(setImmediate)
    }
    await sink.flush()
    const seconds = (performance.now() - began) / 1000
    const used = process.cpuUsage(cpu)
    return {
      records: options.records,
      keys: counts.size,
      producePerSecond,
      loopPerSecond: options.records / seconds,
      cpuSeconds: (used.user + used.system) / 1e6,
      peakRssMb: peakRss / (1 << 20),
    }
  } finally {
    clearInterval(sampling)
    await Promise.all([source.stop(), sink.stop()])
  }
}

async function produce(options: KafkaLoopOptions, topic: string): Promise<number> {
  const sink = newSink(options.bootstrap)
  const turn = new Turn()
  await sink.start({ drained: () => turn.wake(), failed: (error) => turn.fail(error) })
  const value = Buffer.alloc(options.valueBytes, 'x')
  const values = Array.from({ length: Math.min(options.keys, options.records) }, (_, i) =>
    kafkaRecordValue({ topic, key: `key-${i}`, value, headers: [] }),
  )
  const began = performance.now()
  for (let i = 0; i < options.records; i++) {
    sink.write(values[i % values.length]!)
    if (i % TURN === 0) {
      sink.nudge()
      if (sink.saturated) await turn.pause()
      else await new Promise(setImmediate)
    }
  }
  await sink.flush()
  const seconds = (performance.now() - began) / 1000
  await sink.stop()
  return options.records / seconds
}

/** A pause until the connector has something to say. */
class Turn {
  #resolve: (() => void) | undefined
  #reject: ((error: StatefunError) => void) | undefined

  wake(): void {
    this.#resolve?.()
  }

  fail(error: StatefunError): void {
    this.#reject?.(error)
  }

  pause(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }
}

/** Encodes egress records with little work, so that the connector is what is measured: only key and value change. */
class RecordTemplate {
  readonly #topic: Buffer

  constructor(topic: string) {
    this.#topic = Buffer.concat([Buffer.from([0x1a, topic.length]), Buffer.from(topic)])
  }

  of(key: string, value: Uint8Array): TypedValue {
    if (key.length > 127 || value.length > 127) throw new Error('the template holds up to 127 bytes')
    const bytes = Buffer.allocUnsafe(this.#topic.length + key.length + value.length + 4)
    let at = this.#topic.copy(bytes)
    bytes[at++] = 0x0a
    bytes[at++] = key.length
    for (let i = 0; i < key.length; i++) bytes[at++] = key.charCodeAt(i)
    bytes[at++] = 0x12
    bytes[at++] = value.length
    bytes.set(value, at)
    return { typename: KAFKA_PRODUCER_RECORD, hasValue: true, value: bytes }
  }
}

function newSink(bootstrap: string): Sink {
  const definition: KafkaEgressDefinition = {
    kind: 'io.statefun.kafka.v1/egress',
    id: 'bench/egress',
    address: bootstrap,
    deliverySemantic: { type: 'at-least-once' },
    properties: [],
    location,
  }
  return kafkaConnector().createSink(definition, context()) as Sink
}

function newSource(bootstrap: string, topic: string): Source {
  const definition: KafkaIngressDefinition = {
    kind: 'io.statefun.kafka.v1/ingress',
    id: 'bench/ingress',
    address: bootstrap,
    consumerGroupId: undefined,
    topics: [
      {
        topic,
        valueType: 'bench/value',
        targets: ['bench/counter'],
        forwardHeaders: false,
        invalidRecordHandling: { type: 'fail' },
      },
    ],
    autoOffsetResetPosition: 'earliest',
    startupPosition: { type: 'earliest' },
    properties: [],
    location,
  }
  return kafkaConnector().createSource(definition, context())!
}

function context(): ConnectorContext {
  const counter: Counter = { inc() {} }
  const histogram: Histogram = { observe() {} }
  const metrics: MetricRegistry = {
    counter: () => counter,
    gauge() {},
    histogram: () => histogram,
    render: async () => '',
  }
  return { app: 'bench', logger: silentLogger, metrics }
}
