import {
  backoffMs,
  type ConnectorContext,
  InvalidRecordCounters,
  type KafkaIngressDefinition,
  type KafkaTopicRoute,
  type Logger,
  Outage,
  type Source,
  type SourceListener,
} from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { Cluster, type PartitionMetadata } from './cluster/cluster.ts'
import { Pause } from './cluster/pause.ts'
import { ERROR, errorName, isStaleLeader, rootMessage } from './cluster/protocol-error.ts'
import type { FetchedPartition } from './fetch/fetch-call.ts'
import { FetchLoop, type FetchLoopOwner } from './fetch/fetch-loop.ts'
import { IdDecoder } from './id-decoder.ts'
import { KafkaPartition, type PartitionContext } from './kafka-partition.ts'
import { OffsetCommits } from './offset-commits.ts'
import { PartitionStarts } from './partition-starts.ts'
import { type ConsumerSettings, readConsumerProperties } from './properties/consumer-properties.ts'
import { endOffsetOf } from './record-batch/end-offset.ts'

/** Topics that do not exist are looked for this often. */
const MISSING_TOPIC_MS = 1_000
const LAST_COMMIT_MS = 2_000

/**
 * `io.statefun.kafka.v1/ingress` (contract 4.3): reads all partitions of its topics, without membership in a group, with
 * one fetch loop per broker. Leaders that move, brokers that restart and partitions that appear are followed.
 */
export class KafkaSource implements Source, FetchLoopOwner {
  readonly id: string
  readonly #settings: ConsumerSettings
  readonly #logger: Logger
  readonly #context: ConnectorContext
  readonly #cluster: Cluster
  readonly #pause = new Pause()
  readonly #starts: PartitionStarts
  readonly #commits: OffsetCommits | undefined
  readonly #partitionContext: PartitionContext
  readonly #routes: ReadonlyMap<string, KafkaTopicRoute>
  readonly #partitions = new Map<string, KafkaPartition>()
  readonly #byLeader = new Map<number, KafkaPartition[]>()
  readonly #loops = new Map<number, FetchLoop>()
  readonly #missing = new Map<string, Outage>()
  readonly #resetting = new Set<KafkaPartition>()
  readonly #metadataOutage: Outage
  readonly #partitionOutage: Outage
  #listener: SourceListener | undefined
  #buffered = 0
  #incomplete = false
  #stopped = false
  #refreshing: Promise<void> = Promise.resolve()

  /** @throws StatefunError for properties that cannot be used */
  constructor(definition: KafkaIngressDefinition, context: ConnectorContext) {
    const { logger } = context
    this.id = definition.id
    this.#context = context
    this.#logger = logger
    this.#settings = readConsumerProperties(definition, context.app, logger)
    // A topic named twice: the last one counts (contract 4.3).
    this.#routes = new Map(definition.topics.map((route) => [route.topic, route]))
    this.#cluster = new Cluster(this.#settings.client, logger)
    this.#starts = new PartitionStarts(definition, this.#settings, this.#cluster, logger, this.#pause)
    const { groupId } = this.#settings
    this.#commits = groupId === undefined ? undefined : new OffsetCommits(this.#cluster, groupId, logger)
    this.#metadataOutage = new Outage(logger, { ingress: this.id })
    this.#partitionOutage = new Outage(logger, { ingress: this.id })
    this.#partitionContext = {
      logger,
      ids: new IdDecoder(),
      counters: new InvalidRecordCounters(context.metrics, this.id),
      readCommitted: this.#settings.readCommitted,
      maxDecompressedBytes: this.#settings.maxDecompressedBytes,
      consumed: (bytes) => {
        this.#buffered -= bytes
        this.#wakeLoops()
      },
    }
  }

  async start(listener: SourceListener, positions: ReadonlyMap<string, string>): Promise<void> {
    this.#listener = listener
    this.#starts.restore(positions)
    try {
      await this.#cluster.ready(this.#pause)
      await this.#firstDiscovery()
    } catch (error) {
      await this.stop()
      throw StatefunError.from(error, 'SF_KAFKA_START_FAILED')
    }
    this.#context.metrics.gauge(
      'pendingRecords',
      'Records of the Kafka ingress that were not taken yet, as far as it knows',
      { ingress: this.id },
      () => this.#lag(),
    )
    this.#refreshing = this.#refresh()
  }

  committed(positions: ReadonlyMap<string, string>): void {
    if (!this.#stopped) this.#commits?.commit(positions)
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    await this.#commits?.settle(LAST_COMMIT_MS)
    this.#stopped = true
    this.#pause.wake()
    const loops = [...this.#loops.values()].map((loop) => loop.stop())
    await this.#cluster.close()
    await Promise.all([...loops, this.#refreshing])
    for (const partition of this.#partitions.values()) partition.clear()
  }

  bufferedBytes(): number {
    return this.#buffered
  }

  partitionsOf(nodeId: number): readonly KafkaPartition[] {
    return this.#byLeader.get(nodeId) ?? []
  }

  received(partition: KafkaPartition, fetched: FetchedPartition): void {
    const { errorCode } = fetched
    if (errorCode === ERROR.none) {
      partition.highWatermark = fetched.highWatermark
      const end = endOffsetOf(fetched.records)
      if (end === undefined) return
      this.#buffered += fetched.records.length
      partition.add(fetched, end)
      this.#listener?.ready(partition)
      this.#partitionOutage.ended(`partitions of ingress ${this.id} are served again`)
      return
    }
    if (errorCode === ERROR.offsetOutOfRange) {
      void this.#reset(partition)
      return
    }
    if (errorCode === ERROR.topicAuthorizationFailed) {
      this.failed(
        new StatefunError(
          'SF_KAFKA_NOT_AUTHORIZED',
          `ingress ${this.id} may not read topic ${partition.topic}`,
          {
            hint: 'grant the client READ on the topic',
          },
        ),
      )
      return
    }
    this.#partitionOutage.began(
      `${partition.name} cannot be read from broker ${partition.leader}: ${errorName(errorCode)}; trying again`,
    )
    if (isStaleLeader(errorCode)) this.#pause.wake()
  }

  lost(): void {
    this.#pause.wake()
  }

  failed(error: unknown): void {
    if (!this.#stopped) this.#listener?.failed(StatefunError.from(error, 'SF_KAFKA_SOURCE_FAILED'))
  }

  async #firstDiscovery(): Promise<void> {
    const { retryBackoffMs, retryBackoffMaxMs, startTimeoutMs } = this.#settings.client
    const deadline = performance.now() + startTimeoutMs
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#discover()
        return
      } catch (error) {
        if (error instanceof StatefunError || this.#stopped || performance.now() > deadline) throw error
        this.#metadataOutage.began(`ingress ${this.id} cannot start yet: ${rootMessage(error)}; trying again`)
        await this.#pause.wait(backoffMs(attempt, retryBackoffMs, retryBackoffMaxMs))
      }
    }
  }

  async #refresh(): Promise<void> {
    const { metadataMaxAgeMs, retryBackoffMs, retryBackoffMaxMs } = this.#settings.client
    for (let failures = 0; !this.#stopped; ) {
      const usual = this.#incomplete ? Math.min(MISSING_TOPIC_MS, metadataMaxAgeMs) : metadataMaxAgeMs
      await this.#pause.wait(failures === 0 ? usual : backoffMs(failures, retryBackoffMs, retryBackoffMaxMs))
      if (this.#stopped) return
      try {
        await this.#discover()
        failures = 0
      } catch (error) {
        if (this.#stopped) return
        if (error instanceof StatefunError) {
          this.failed(error)
          return
        }
        failures++
        this.#metadataOutage.began(`metadata of ingress ${this.id} cannot be read: ${rootMessage(error)}`)
      }
    }
  }

  async #discover(): Promise<void> {
    const topics = await this.#cluster.metadata([...this.#routes.keys()], this.#settings.autoCreateTopics)
    const appeared: { readonly route: KafkaTopicRoute; readonly metadata: PartitionMetadata }[] = []
    let incomplete = false
    for (const [name, route] of this.#routes) {
      const topic = topics.get(name)
      if (topic === undefined || topic.errorCode !== ERROR.none) {
        this.#topicMissing(name, topic?.errorCode ?? ERROR.unknownTopicOrPartition)
        incomplete = true
        continue
      }
      this.#missing.get(name)?.ended(`topic ${name} is there`)
      for (const metadata of topic.partitions) {
        if (metadata.leader < 0) incomplete = true
        const partition = this.#partitions.get(`${name}/${metadata.index}`)
        if (partition === undefined) appeared.push({ route, metadata })
        else {
          partition.leader = metadata.leader
          partition.leaderEpoch = metadata.leaderEpoch
        }
      }
    }
    this.#starts.seen(appeared.map(({ route, metadata }) => `${route.topic}/${metadata.index}`))
    const startable = appeared.filter(({ metadata }) => metadata.leader >= 0)
    const starts = await this.#starts.find(
      startable.map(({ route, metadata }) => ({
        topic: route.topic,
        index: metadata.index,
        leader: metadata.leader,
      })),
    )
    if (this.#stopped) return
    startable.forEach(({ route, metadata }, i) => {
      this.#add(new KafkaPartition(metadata.index, route, starts[i]!, this.#partitionContext), metadata)
    })
    this.#incomplete = incomplete
    this.#assign()
    this.#metadataOutage.ended(`metadata of ingress ${this.id} can be read again`)
  }

  #add(partition: KafkaPartition, { leader, leaderEpoch }: PartitionMetadata): void {
    partition.leader = leader
    partition.leaderEpoch = leaderEpoch
    this.#partitions.set(partition.name, partition)
    this.#context.metrics.gauge(
      'KafkaSourceReader.topic.partition.currentOffset',
      'Offset of the last record taken from a partition',
      { topic: partition.topic, partition: String(partition.index), ingress: this.id },
      () => partition.nextOffset - 1,
    )
    this.#listener?.added(partition)
  }

  #assign(): void {
    this.#byLeader.clear()
    for (const partition of this.#partitions.values()) {
      const { leader } = partition
      if (leader < 0 || this.#resetting.has(partition)) continue
      const members = this.#byLeader.get(leader)
      if (members === undefined) this.#byLeader.set(leader, [partition])
      else members.push(partition)
      if (this.#loops.has(leader)) continue
      const loop = new FetchLoop(leader, this.#cluster, this.#settings, this, this.#logger)
      this.#loops.set(leader, loop)
      loop.start()
    }
    this.#wakeLoops()
  }

  #topicMissing(name: string, errorCode: number): void {
    if (errorCode === ERROR.topicAuthorizationFailed || errorCode === ERROR.invalidTopic) {
      throw new StatefunError(
        errorCode === ERROR.invalidTopic ? 'SF_KAFKA_TOPIC_INVALID' : 'SF_KAFKA_NOT_AUTHORIZED',
        `ingress ${this.id} cannot use topic "${name}": ${errorName(errorCode)}`,
        { hint: 'check the name of the topic and that the client may DESCRIBE and READ it' },
      )
    }
    let outage = this.#missing.get(name)
    if (outage === undefined) {
      outage = new Outage(this.#logger, { ingress: this.id, topic: name })
      this.#missing.set(name, outage)
    }
    outage.began(
      `topic ${name} of ingress ${this.id} does not exist (${errorName(errorCode)}); waiting for it`,
    )
  }

  async #reset(partition: KafkaPartition): Promise<void> {
    if (this.#resetting.has(partition)) return
    this.#resetting.add(partition)
    this.#assign()
    try {
      const lost = partition.fetchOffset
      const { first, target } = await this.#starts.reset(partition)
      const what =
        lost < first
          ? `offsets ${lost} to ${Math.max(first, target) - 1} are lost: retention deleted them up to ${first - 1}`
          : `offset ${lost} is beyond the end: the topic was made anew or truncated`
      this.#logger.error(
        { ingress: this.id, topic: partition.topic, partition: partition.index, from: lost, to: target },
        `${partition.name}: ${what}; going on at offset ${target} (autoOffsetResetPosition)`,
      )
      partition.jumpTo(target)
    } catch (error) {
      if (error instanceof StatefunError) this.failed(error)
      else
        this.#partitionOutage.began(`${partition.name} cannot be reset: ${rootMessage(error)}; trying again`)
    } finally {
      this.#resetting.delete(partition)
      if (!this.#stopped) this.#assign()
    }
  }

  #wakeLoops(): void {
    for (const loop of this.#loops.values()) loop.wake()
  }

  #lag(): number {
    let lag = 0
    for (const { highWatermark, nextOffset } of this.#partitions.values()) {
      if (highWatermark > nextOffset) lag += highWatermark - nextOffset
    }
    return lag
  }
}
