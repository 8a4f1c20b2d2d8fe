import { StatefunError } from '@statefun/protocol'
import { partitionForKey } from '../connector/partitioner.ts'
import { TopicJournal } from './topic-journal.ts'
import { TopicLog } from './topic-log.ts'
import type { NewRecord, TopicRecord } from './topic-record.ts'

/** Where a reader starts: at the oldest record kept, after the youngest, or at an offset. */
export type TailPosition = 'earliest' | 'latest' | number

export interface MemoryTopicsOptions {
  /** Partitions of a topic that comes into being by use; default 1. */
  readonly partitions?: number | undefined
  /** How many records a partition keeps at least; everything when left out. */
  readonly retainRecords?: number | undefined
  /** A file that the records are kept in, so that they outlive the process; memory only when left out. */
  readonly journal?: string | undefined
}

interface Topic {
  readonly logs: TopicLog[]
  readonly watchers: Set<() => void>
  notifying: boolean
  nextKeyless: number
}

const encoder = new TextEncoder()

/** Records written to the journal after which it is looked at whether most of it is dropped records. */
const JOURNAL_CHECK = 100_000

/**
 * Kafka's topics without Kafka: topics, partitions by key, offsets and committed group offsets inside this process.
 *
 * A topic comes into being when it is first written, read or watched.
 *
 * @example
 * const topics = new MemoryTopics()
 * topics.produce('counter.commands', { key: 'alice', value: '{"delta":1}' })
 * const stop = topics.tail('counter.results', 'earliest', (record) => console.log(record.offset, record.value))
 */
export class MemoryTopics {
  readonly #topics = new Map<string, Topic>()
  readonly #committed = new Map<string, number>()
  readonly #nameListeners = new Set<(topic: string) => void>()
  readonly #partitions: number
  readonly #retain: number
  readonly #journal: TopicJournal | undefined
  #journaled = 0

  /** @throws StatefunError `SF_TOPICS_JOURNAL` when the journal cannot be read */
  constructor(options: MemoryTopicsOptions = {}) {
    this.#partitions = options.partitions ?? 1
    this.#retain = options.retainRecords ?? Number.POSITIVE_INFINITY
    if (options.journal !== undefined) {
      this.#journal = TopicJournal.open(options.journal, (record) => {
        this.#journaled++
        this.create(record.topic, record.partition + 1)
        this.#topic(record.topic).logs[record.partition]!.append(record)
      })
      this.#trimJournal(1)
    }
  }

  /** Names of the topics that exist, in the order they came into being. */
  names(): string[] {
    return [...this.#topics.keys()]
  }

  /** Makes a topic, or gives an existing one more partitions; never fewer. */
  create(topic: string, partitions = this.#partitions): void {
    const existing = this.#topics.get(topic)
    if (existing === undefined) {
      const logs = Array.from({ length: partitions }, () => new TopicLog(this.#retain))
      this.#topics.set(topic, { logs, watchers: new Set(), notifying: false, nextKeyless: 0 })
      for (const listener of this.#nameListeners) listener(topic)
      return
    }
    while (existing.logs.length < partitions) existing.logs.push(new TopicLog(this.#retain))
    this.#notify(existing)
  }

  /** Number of partitions. */
  partitions(topic: string): number {
    return this.#topic(topic).logs.length
  }

  /** Number of records kept in all partitions. */
  size(topic: string): number {
    return this.#topic(topic).logs.reduce((sum, log) => sum + log.end - log.start, 0)
  }

  /**
   * The log of a partition, for readers that keep their own position.
   *
   * @throws StatefunError `SF_TOPICS_PARTITION` when there is no such partition
   */
  log(topic: string, partition: number): TopicLog {
    const logs = this.#topic(topic).logs
    const log = logs[partition]
    if (log === undefined) {
      throw new StatefunError('SF_TOPICS_PARTITION', `topic "${topic}" has no partition ${partition}`, {
        hint: `its partitions are 0 to ${logs.length - 1}`,
      })
    }
    return log
  }

  /**
   * Appends a record. Bytes are kept as they are and must not change afterwards.
   *
   * @throws StatefunError `SF_TOPICS_PARTITION` when the record names a partition that does not exist
   */
  produce(topic: string, record: NewRecord): TopicRecord {
    const target = this.#topic(topic)
    const key = toBytes(record.key)
    const partition = record.partition ?? choosePartition(target, key)
    const log = this.log(topic, partition)
    const stored: TopicRecord = {
      topic,
      partition,
      offset: log.end,
      timestamp: record.timestamp ?? Date.now(),
      key,
      value: toBytes(record.value),
      headers: record.headers ?? [],
    }
    log.append(stored)
    if (this.#journal !== undefined) {
      this.#journal.append(stored)
      if (++this.#journaled % JOURNAL_CHECK === 0) this.#trimJournal(2)
    }
    this.#notify(target)
    return stored
  }

  /**
   * Calls back after records or partitions were added to a topic: once for everything that came in one turn of the event
   * loop, never from within `produce`.
   *
   * @returns a function that ends it
   */
  watch(topic: string, changed: () => void): () => void {
    const { watchers } = this.#topic(topic)
    watchers.add(changed)
    return () => void watchers.delete(changed)
  }

  /**
   * Hands every record of a topic to a listener, those there already first.
   *
   * @returns a function that ends it
   */
  tail(topic: string, from: TailPosition, listener: (record: TopicRecord) => void): () => void {
    const cursor = this.cursor(topic, from)
    let ended = false
    const drain = () => {
      for (let record = cursor.next(); record !== undefined && !ended; record = cursor.next())
        listener(record)
    }
    const unwatch = this.watch(topic, drain)
    this.#notify(this.#topic(topic))
    return () => {
      ended = true
      unwatch()
    }
  }

  /**
   * Hands the records of all topics to a listener: what comes from now on, also in topics that do not exist yet.
   *
   * @returns a function that ends it
   */
  tailAll(listener: (record: TopicRecord) => void): () => void {
    const stops = this.names().map((name) => this.tail(name, 'latest', listener))
    const added = (name: string) => void stops.push(this.tail(name, 'earliest', listener))
    this.#nameListeners.add(added)
    return () => {
      this.#nameListeners.delete(added)
      for (const stop of stops) stop()
    }
  }

  /** A reader over all partitions of a topic, oldest record first as far as they are there. */
  cursor(topic: string, from: TailPosition): TopicCursor {
    return new TopicCursor(this, topic, from)
  }

  /** The offset a consumer group committed for a partition. */
  committed(group: string, topic: string, partition: number): number | undefined {
    return this.#committed.get(`${group}\n${topic}\n${partition}`)
  }

  commit(group: string, topic: string, partition: number, offset: number): void {
    this.#committed.set(`${group}\n${topic}\n${partition}`, offset)
  }

  /** Writes what the journal still owes and closes it. Idempotent. */
  close(): void {
    this.#journal?.close()
  }

  #topic(name: string): Topic {
    const existing = this.#topics.get(name)
    if (existing !== undefined) return existing
    this.create(name)
    return this.#topics.get(name)!
  }

  // Not at once, and by way of the event loop: a function may write to a topic that feeds it, and neither may the engine
  // be entered from within its own write nor may such a circle keep timers and sockets from running.
  #notify(topic: Topic): void {
    if (topic.notifying || topic.watchers.size === 0) return
    topic.notifying = true
    setImmediate(() => {
      topic.notifying = false
      for (const changed of [...topic.watchers]) changed()
    })
  }

  /** Writes the journal anew when it holds more than `factor` times the records that are kept. */
  #trimJournal(factor: number): void {
    const kept = this.names().reduce((sum, name) => sum + this.size(name), 0)
    if (this.#journaled <= kept * factor) return
    this.#journal?.rewrite(this.#all())
    this.#journaled = kept
  }

  *#all(): Generator<TopicRecord> {
    for (const { logs } of this.#topics.values()) {
      for (const log of logs) for (let at = log.start; at < log.end; at++) yield log.at(at)!
    }
  }
}

/** Reads a topic record by record; see {@link MemoryTopics.cursor}. */
export class TopicCursor {
  readonly #topics: MemoryTopics
  readonly #topic: string
  readonly #from: TailPosition
  readonly #offsets: number[] = []

  constructor(topics: MemoryTopics, topic: string, from: TailPosition) {
    this.#topics = topics
    this.#topic = topic
    this.#from = from
    const count = topics.partitions(topic)
    for (let partition = 0; partition < count; partition++) {
      const log = topics.log(topic, partition)
      this.#offsets.push(from === 'latest' ? log.end : from === 'earliest' ? log.start : from)
    }
  }

  /** The next record, undefined while there is none. */
  next(): TopicRecord | undefined {
    let oldest: TopicRecord | undefined
    const count = this.#topics.partitions(this.#topic)
    for (let partition = 0; partition < count; partition++) {
      const log = this.#topics.log(this.#topic, partition)
      const wanted = this.#offsets[partition] ?? (typeof this.#from === 'number' ? this.#from : log.start)
      const offset = Math.max(wanted, log.start)
      this.#offsets[partition] = offset
      const record = log.at(offset)
      if (record !== undefined && (oldest === undefined || record.timestamp < oldest.timestamp))
        oldest = record
    }
    if (oldest !== undefined) this.#offsets[oldest.partition] = oldest.offset + 1
    return oldest
  }
}

function choosePartition(topic: Topic, key: Uint8Array | null): number {
  const count = topic.logs.length
  if (count === 1) return 0
  if (key !== null) return partitionForKey(key, 0, key.length, count)
  topic.nextKeyless = (topic.nextKeyless + 1) % count
  return topic.nextKeyless
}

function toBytes(value: Uint8Array | string | null | undefined): Uint8Array | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? encoder.encode(value) : value
}
