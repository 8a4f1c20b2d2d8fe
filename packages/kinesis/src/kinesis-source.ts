import {
  type Clock,
  type ConnectorContext,
  type KinesisIngressDefinition,
  type Source,
  type SourceListener,
  systemClock,
} from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { clientProperties } from './client/client-properties.ts'
import type { ClientSettings } from './client/client-settings.ts'
import { createClient } from './client/create-client.ts'
import { readClientSettings } from './client/read-client-settings.ts'
import { WITHOUT_EFFECT } from './client/without-effect.ts'
import { findConsumer } from './fan-out-consumer.ts'
import { type IngressMetrics, ingressMetrics } from './ingress-metrics.ts'
import { type IngressSettings, readIngressSettings } from './ingress-settings.ts'
import { type KinesisReads, type StreamRef, streamKey } from './reads/kinesis-reads.ts'
import type { KinesisSubscriptions } from './reads/kinesis-subscriptions.ts'
import { MemoryBudget } from './reads/memory-budget.ts'
import { ReadFailures } from './reads/read-failures.ts'
import { SdkReads } from './reads/sdk-reads.ts'
import { SdkSubscriptions } from './reads/sdk-subscriptions.ts'
import type { ReaderContext } from './shards/reader.ts'
import { parsePosition, type ShardPosition } from './shards/shard-position.ts'
import { SubscriptionReader } from './shards/subscription-reader.ts'
import { StreamReader, type StreamReaderOptions } from './stream-reader.ts'

/** Of records that the engine has not taken yet, all shards together. */
const BUFFER_BYTES = 64 * 1024 * 1024
/** AWS ends a subscription after five minutes. */
const SUBSCRIPTION_MS = 360_000

/** What tests bring their own of. */
export interface KinesisSourceParts {
  readonly reads?: KinesisReads
  readonly subscriptions?: KinesisSubscriptions
  readonly clock?: Clock
  readonly random?: () => number
}

/**
 * `io.statefun.kinesis.v1/ingress` (contract 4.5): reads all shards of its streams, follows splits and merges, and unpacks
 * what the Kinesis Producer Library aggregates. The id of a message is the partition key of its record; with `streamArn` the
 * stream is named, and its records routed, by the ARN.
 */
export class KinesisSource implements Source {
  readonly id: string
  readonly #definition: KinesisIngressDefinition
  readonly #context: ConnectorContext
  readonly #client: ClientSettings
  readonly #settings: IngressSettings
  readonly #parts: KinesisSourceParts
  readonly #metrics: IngressMetrics
  #readers: StreamReader[] = []
  #reads: KinesisReads | undefined
  #subscriptions: KinesisSubscriptions | undefined
  #stopped = false

  /** @throws StatefunError `SF_KINESIS_PROPERTY_INVALID` for properties that cannot be used */
  constructor(
    definition: KinesisIngressDefinition,
    context: ConnectorContext,
    parts: KinesisSourceParts = {},
  ) {
    this.id = definition.id
    this.#definition = definition
    this.#context = context
    this.#parts = parts
    const properties = clientProperties(definition)
    this.#client = inRegionOf(definition.streamArn, readClientSettings(definition, properties))
    this.#settings = readIngressSettings(definition, properties, this.#client.endpoint !== undefined)
    properties.warnUnused(context.logger, WITHOUT_EFFECT)
    this.#metrics = ingressMetrics(context.metrics, this.id)
  }

  async start(listener: SourceListener, positions: ReadonlyMap<string, string>): Promise<void> {
    const restored = this.#restore(positions)
    this.#warnUnnamed(restored)
    try {
      const reads = this.#parts.reads ?? new SdkReads(await createClient(this.#client))
      this.#reads = reads
      if (this.#stopped) return reads.close()
      this.#subscriptions = await this.#openSubscriptions()
      if (this.#stopped) {
        reads.close()
        return this.#subscriptions?.close()
      }
      const budget = new MemoryBudget(BUFFER_BYTES)
      this.#readers = this.#definition.streams.map((route) => {
        const stream: StreamRef = { name: route.stream, arn: this.#definition.streamArn }
        const readerContext = this.#readerContext(stream, reads, budget)
        return new StreamReader({
          context: readerContext,
          route,
          start: this.#settings.start,
          restored: restored.get(streamKey(stream)) ?? new Map(),
          listener,
          discoveryMs: this.#settings.discoveryMs,
          ...this.#fanOut(readerContext),
        })
      })
      await Promise.all(this.#readers.map((reader) => reader.start()))
    } catch (error) {
      await this.stop()
      throw StatefunError.from(error, 'SF_KINESIS_START_FAILED')
    }
  }

  /** Kinesis keeps no positions of consumers. */
  committed(): void {}

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    await Promise.all(this.#readers.map((reader) => reader.stop()))
    this.#reads?.close()
    this.#subscriptions?.close()
  }

  async #openSubscriptions(): Promise<KinesisSubscriptions | undefined> {
    if (this.#settings.fanOut === undefined) return undefined
    if (this.#parts.subscriptions !== undefined) return this.#parts.subscriptions
    const { endpoint, http } = this.#client
    const version = endpoint?.toLowerCase().startsWith('http:') === true ? 1 : 2
    // A subscription is one request, which takes as long as it lasts.
    const settings = {
      ...this.#client,
      http: { ...http, version, requestTimeoutMs: SUBSCRIPTION_MS },
    } as const
    return new SdkSubscriptions(await createClient(settings))
  }

  /** What a stream reader needs for enhanced fan-out; nothing when records are polled. */
  #fanOut(context: ReaderContext): Pick<StreamReaderOptions, 'prepare' | 'makeReader'> {
    const { fanOut: settings } = this.#settings
    const subscriptions = this.#subscriptions
    if (settings === undefined || subscriptions === undefined) return {}
    const { stream, failures, clock } = context
    let consumerArn = ''
    return {
      async prepare(signal) {
        consumerArn = await findConsumer({ stream, settings, subscriptions, failures, clock, signal })
      },
      makeReader: (partition, owner) =>
        new SubscriptionReader(partition, context, owner, subscriptions, consumerArn),
    }
  }

  #readerContext(stream: StreamRef, reads: KinesisReads, budget: MemoryBudget): ReaderContext {
    const { logger } = this.#context
    return {
      stream,
      reads,
      budget,
      failures: new ReadFailures(this.id, stream, logger),
      metrics: this.#metrics,
      clock: this.#parts.clock ?? systemClock,
      random: this.#parts.random ?? Math.random,
      logger,
      pace: this.#settings.pace,
      mostRecords: this.#settings.mostRecords,
    }
  }

  /** A stream that was named by its ARN and now is not, or the other way round, is another one. */
  #warnUnnamed(restored: ReadonlyMap<string, unknown>): void {
    const { streams, streamArn: arn } = this.#definition
    const named = streams.map(({ stream: name }) => streamKey({ name, arn }))
    const unnamed = [...restored.keys()].filter((stream) => !named.includes(stream))
    if (unnamed.length === 0) return
    this.#context.logger.warn(
      { ingress: this.id, streams: unnamed },
      `the checkpoint holds positions of ${unnamed.join(', ')}, which ingress ${this.id} does not read: a stream that it names otherwise now starts by its startup position`,
    )
  }

  /** By stream, then by shard. */
  #restore(positions: ReadonlyMap<string, string>): Map<string, Map<string, ShardPosition>> {
    const restored = new Map<string, Map<string, ShardPosition>>()
    for (const [name, text] of positions) {
      const slash = name.lastIndexOf('/')
      const stream = name.slice(0, slash)
      let shards = restored.get(stream)
      if (shards === undefined) {
        shards = new Map()
        restored.set(stream, shards)
      }
      shards.set(name.slice(slash + 1), parsePosition(text, `ingress ${this.id}, shard [${name}]`))
    }
    return restored
  }
}

/** An ARN says which region its stream is in; that of the client is then of no account, as with kzm's connector. */
function inRegionOf(arn: string | undefined, settings: ClientSettings): ClientSettings {
  const region = arn?.split(':')[3]
  return region === undefined || region === '' ? settings : { ...settings, region }
}
