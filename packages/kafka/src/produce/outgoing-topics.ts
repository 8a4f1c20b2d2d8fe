import { backoffMs, type Logger, Outage } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import type { Cluster } from '../cluster/cluster.ts'
import { Pause } from '../cluster/pause.ts'
import { ERROR, errorName, rootMessage } from '../cluster/protocol-error.ts'
import type { ProducerSettings } from '../properties/producer-properties.ts'
import type { OutgoingContext, OutgoingPartition } from './outgoing-partition.ts'
import { OutgoingTopic } from './outgoing-topic.ts'

/** What the topics tell their egress. */
export interface TopicsOwner {
  /** The partitions of a topic became known; its pending values can go. */
  known(topic: OutgoingTopic): void
  /** Partitions have another leader than before. */
  moved(partitions: readonly OutgoingPartition[]): void
  failed(error: StatefunError): void
}

/** The topics an egress writes to: looked up (and created, where the broker does that) on first use, then refreshed. */
export class OutgoingTopics {
  readonly #egress: string
  readonly #cluster: Cluster
  readonly #settings: ProducerSettings
  readonly #context: OutgoingContext
  readonly #owner: TopicsOwner
  readonly #pause = new Pause()
  readonly #outage: Outage
  readonly #topics = new Map<string, OutgoingTopic>()
  #stale = false
  #stopped = false
  #done: Promise<void> = Promise.resolve()

  constructor(
    egress: string,
    cluster: Cluster,
    settings: ProducerSettings,
    context: OutgoingContext,
    owner: TopicsOwner,
    logger: Logger,
  ) {
    this.#egress = egress
    this.#cluster = cluster
    this.#settings = settings
    this.#context = context
    this.#owner = owner
    this.#outage = new Outage(logger, { egress })
  }

  start(): void {
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#pause.wake()
    await this.#done
  }

  /** Names of all topics so far. */
  get names(): readonly string[] {
    return [...this.#topics.keys()]
  }

  /**
   * The topic; when it is new, its partitions are looked up.
   *
   * @throws StatefunError `SF_KAFKA_TOPIC_INVALID` for a name that no topic can have
   */
  get(name: string): OutgoingTopic {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      if (!isTopicName(name)) throw this.#invalid(name)
      topic = new OutgoingTopic(name, this.#context)
      this.#topics.set(name, topic)
      this.refresh()
    }
    return topic
  }

  /** True while values wait for the partitions of their topic. */
  get pending(): boolean {
    for (const topic of this.#topics.values()) if (topic.pending.length > 0) return true
    return false
  }

  /** Looks everything up again soon. */
  refresh(): void {
    this.#stale = true
    this.#pause.wake()
  }

  async #run(): Promise<void> {
    const { metadataMaxAgeMs, retryBackoffMs, retryBackoffMaxMs } = this.#settings.client
    for (let attempts = 0; !this.#stopped; ) {
      if (!this.#stale) {
        await this.#pause.wait(
          attempts === 0 ? metadataMaxAgeMs : backoffMs(attempts, retryBackoffMs, retryBackoffMaxMs),
        )
      }
      this.#stale = false
      if (this.#stopped) return
      if (this.#topics.size === 0) continue
      try {
        attempts = (await this.#lookUp()) ? 0 : attempts + 1
        this.#outage.ended(`egress ${this.#egress} finds its topics again`)
      } catch (error) {
        if (this.#stopped) return
        if (error instanceof StatefunError) {
          this.#owner.failed(error)
          return
        }
        attempts++
        this.#outage.began(
          `egress ${this.#egress} cannot look up its topics: ${rootMessage(error)}; trying again`,
        )
        // A call to refresh() during a failing look-up must not make the loop spin.
        this.#stale = false
      }
    }
  }

  /** @returns true when every topic and leader is known */
  async #lookUp(): Promise<boolean> {
    const found = await this.#cluster.metadata([...this.#topics.keys()], true)
    let complete = true
    for (const [name, metadata] of found) {
      const topic = this.#topics.get(name)
      if (topic === undefined) continue
      if (metadata.errorCode !== ERROR.none || metadata.partitions.length === 0) {
        this.#refuse(topic, metadata.errorCode)
        complete = false
        continue
      }
      const wasKnown = topic.known
      const moved = topic.apply(metadata)
      if (moved.length > 0) this.#owner.moved(moved)
      if (!wasKnown) this.#owner.known(topic)
      if (metadata.partitions.some(({ leader }) => leader < 0)) complete = false
    }
    return complete
  }

  #refuse(topic: OutgoingTopic, errorCode: number): void {
    const { startTimeoutMs } = this.#settings.client
    if (errorCode === ERROR.invalidTopic) {
      throw this.#invalid(topic.name)
    }
    if (errorCode === ERROR.topicAuthorizationFailed) {
      throw new StatefunError(
        'SF_KAFKA_NOT_AUTHORIZED',
        `egress ${this.#egress} may not write to topic ${topic.name}`,
        {
          hint: 'grant the client DESCRIBE, WRITE and perhaps CREATE on the topic',
        },
      )
    }
    if (topic.pending.length > 0 && performance.now() - topic.pendingSince > startTimeoutMs) {
      throw new StatefunError(
        'SF_KAFKA_TOPIC_MISSING',
        `topic ${topic.name} of egress ${this.#egress} did not appear within ${startTimeoutMs} ms: ${errorName(errorCode)}`,
        { hint: 'create the topic, or let the broker do it (auto.create.topics.enable)' },
      )
    }
  }

  #invalid(name: string): StatefunError {
    return new StatefunError(
      'SF_KAFKA_TOPIC_INVALID',
      name === ''
        ? `a record for egress ${this.#egress} names no topic`
        : `egress ${this.#egress} cannot write to topic "${name}"`,
      { hint: 'topic names have 1 to 249 letters, digits, ".", "_" and "-"' },
    )
  }
}

function isTopicName(name: string): boolean {
  return /^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..'
}
