import type { Metadata } from '@statefun/protocol'
import type { ConnectorContext } from '../connector/connector.ts'
import { handleInvalidRecord, recordDefect } from '../connector/invalid-record.ts'
import { InvalidRecordCounters } from '../connector/invalid-record-counters.ts'
import type { Route, Source, SourceListener, SourcePartition } from '../connector/source.ts'
import type { KafkaIngressDefinition, KafkaTopicRoute } from '../module/model.ts'
import type { MemoryTopics } from './memory-topics.ts'
import type { TopicLog } from './topic-log.ts'
import type { TopicRecord } from './topic-record.ts'

// As Java decodes a key: malformed bytes become U+FFFD, a byte order mark stays (contract 6).
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** What is read of an ingress; addresses and `properties` are not looked at. */
export type MemoryIngress = Pick<
  KafkaIngressDefinition,
  'id' | 'consumerGroupId' | 'topics' | 'autoOffsetResetPosition' | 'startupPosition'
>

/** An ingress of module.yaml on in-process topics. */
export class MemorySource implements Source {
  readonly id: string
  readonly #definition: MemoryIngress
  readonly #topics: MemoryTopics
  readonly #context: ConnectorContext
  readonly #invalid: typeof handleInvalidRecord
  readonly #counters: InvalidRecordCounters | undefined
  readonly #partitions = new Map<string, MemoryPartition>()
  readonly #unwatch: (() => void)[] = []

  /** @param invalid deals with records that have no key or no value */
  constructor(
    definition: MemoryIngress,
    topics: MemoryTopics,
    context: ConnectorContext,
    invalid: typeof handleInvalidRecord = handleInvalidRecord,
  ) {
    this.id = definition.id
    this.#definition = definition
    this.#topics = topics
    this.#context = context
    this.#invalid = invalid
    // An ingress that refuses such records skips none.
    if (invalid === handleInvalidRecord) this.#counters = new InvalidRecordCounters(context.metrics, this.id)
  }

  async start(listener: SourceListener, positions: ReadonlyMap<string, string>): Promise<void> {
    for (const route of this.#definition.topics) {
      this.#addPartitions(route, listener, positions, false)
      this.#unwatch.push(
        this.#topics.watch(route.topic, () => {
          this.#addPartitions(route, listener, positions, true)
          for (const partition of this.#partitions.values()) {
            if (partition.topic === route.topic && partition.hasNext) listener.ready(partition)
          }
        }),
      )
    }
    for (const partition of this.#partitions.values()) if (partition.hasNext) listener.ready(partition)
  }

  committed(positions: ReadonlyMap<string, string>): void {
    const group = this.#definition.consumerGroupId
    if (group === undefined) return
    for (const [name, position] of positions) {
      const partition = this.#partitions.get(name)
      if (partition !== undefined) {
        this.#topics.commit(group, partition.topic, partition.index, Number(position))
      }
    }
  }

  async stop(): Promise<void> {
    for (const unwatch of this.#unwatch.splice(0)) unwatch()
  }

  #addPartitions(
    route: KafkaTopicRoute,
    listener: SourceListener,
    positions: ReadonlyMap<string, string>,
    appearedLater: boolean,
  ): void {
    const count = this.#topics.partitions(route.topic)
    for (let index = 0; index < count; index++) {
      const name = `${route.topic}/${index}`
      if (this.#partitions.has(name)) continue
      const log = this.#topics.log(route.topic, index)
      const restored = positions.get(name)
      // A partition that appears while running holds nothing older than the ingress: none of it may be missed.
      const offset =
        restored !== undefined
          ? this.#resume(name, log, Number(restored))
          : appearedLater
            ? log.start
            : this.#startupOffset(route.topic, index, log)
      const partition = new MemoryPartition(
        name,
        index,
        route,
        log,
        offset,
        this.#context,
        this.#invalid,
        this.#counters,
      )
      this.#partitions.set(name, partition)
      listener.added(partition)
    }
  }

  #resume(name: string, log: TopicLog, offset: number): number {
    log.beginAt(offset)
    if (offset >= log.start && offset <= log.end) return offset
    const nearest = offset < log.start ? log.start : log.end
    this.#context.logger.warn(
      { partition: name, offset, start: log.start, end: log.end },
      `Offset [${offset}] of partition [${name}] is no longer there; going on at [${nearest}]`,
    )
    return nearest
  }

  #startupOffset(topic: string, index: number, log: TopicLog): number {
    const startup = this.#definition.startupPosition
    switch (startup.type) {
      case 'earliest':
        return log.start
      case 'latest':
        return log.end
      case 'date':
        return log.offsetAt(startup.epochMs)
      case 'specific-offsets': {
        const named = startup.offsets.find((entry) => entry.topic === topic && entry.partition === index)
        return named === undefined ? this.#groupOffset(topic, index, log) : named.offset
      }
      case 'group-offsets':
        return this.#groupOffset(topic, index, log)
    }
  }

  #groupOffset(topic: string, index: number, log: TopicLog): number {
    const group = this.#definition.consumerGroupId
    const committed = group === undefined ? undefined : this.#topics.committed(group, topic, index)
    if (committed !== undefined) return committed
    return this.#definition.autoOffsetResetPosition === 'earliest' ? log.start : log.end
  }
}

class MemoryPartition implements SourcePartition {
  readonly name: string
  readonly index: number
  readonly topic: string
  readonly route: Route
  readonly #topicRoute: KafkaTopicRoute
  readonly #log: TopicLog
  readonly #context: ConnectorContext
  readonly #invalid: typeof handleInvalidRecord
  readonly #counters: InvalidRecordCounters | undefined
  #offset: number
  #current: TopicRecord | undefined

  constructor(
    name: string,
    index: number,
    topicRoute: KafkaTopicRoute,
    log: TopicLog,
    offset: number,
    context: ConnectorContext,
    invalid: typeof handleInvalidRecord,
    counters: InvalidRecordCounters | undefined,
  ) {
    this.name = name
    this.index = index
    this.topic = topicRoute.topic
    this.route = { valueType: topicRoute.valueType, targets: topicRoute.targets }
    this.#topicRoute = topicRoute
    this.#log = log
    this.#context = context
    this.#invalid = invalid
    this.#counters = counters
    this.#offset = offset
  }

  get hasNext(): boolean {
    return this.#offset < this.#log.end
  }

  next(): boolean {
    if (this.#offset < this.#log.start) {
      this.#context.logger.warn(
        { partition: this.name, from: this.#offset, to: this.#log.start },
        `Records of partition [${this.name}] were dropped before they could be read`,
      )
      this.#offset = this.#log.start
    }
    for (;;) {
      const record = this.#log.at(this.#offset)
      if (record === undefined) return false
      const defect = recordDefect(record.key, record.value)
      if (defect !== undefined) {
        const { topic, partition, offset, timestamp } = record
        const key = record.key === null ? null : decoder.decode(record.key)
        const valueSize = record.value?.length ?? -1
        this.#invalid(
          { defect, topic, partition, offset, timestamp, key, valueSize },
          this.#topicRoute.invalidRecordHandling,
          this.#context.logger,
        )
        this.#counters?.skipped(topic, defect)
      }
      this.#offset++
      if (defect === undefined) {
        this.#current = record
        return true
      }
    }
  }

  id(): string {
    return decoder.decode(this.#current!.key!)
  }

  value(): Uint8Array {
    return this.#current!.value!
  }

  metadata(): readonly Metadata[] | undefined {
    return this.#topicRoute.forwardHeaders ? this.#current!.headers : undefined
  }

  position(): string {
    return String(this.#offset)
  }
}
