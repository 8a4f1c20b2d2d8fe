import { backoffMs, type KafkaIngressDefinition, type Logger } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { listOffsetsV7, offsetFetchV8 } from './cluster/client-library.ts'
import type { Cluster } from './cluster/cluster.ts'
import type { Pause } from './cluster/pause.ts'
import { isStaleLeader, protocolCodeOf, rootMessage } from './cluster/protocol-error.ts'
import type { ConsumerSettings } from './properties/consumer-properties.ts'

/** A partition whose start is looked for. */
export interface StartingPartition {
  readonly topic: string
  readonly index: number
  /** Node id of the leader. */
  readonly leader: number
}

const LATEST = -1n
const EARLIEST = -2n
const NO_OFFSET = -1

/** Finds the first offset of partitions that have no restored position (contract 4.3). */
export class StartupPositions {
  readonly #definition: KafkaIngressDefinition
  readonly #settings: ConsumerSettings
  readonly #cluster: Cluster
  readonly #logger: Logger
  readonly #pause: Pause

  /** @param pause is waited on between attempts, so that a stop can end it */
  constructor(
    definition: KafkaIngressDefinition,
    settings: ConsumerSettings,
    cluster: Cluster,
    logger: Logger,
    pause: Pause,
  ) {
    this.#definition = definition
    this.#settings = settings
    this.#cluster = cluster
    this.#logger = logger
    this.#pause = pause
  }

  /**
   * Start offsets by the ingress's startup position, in order of the partitions. Partitions that `specific-offsets` does not
   * name start from the group's offsets, and partitions without those by `autoOffsetResetPosition`, both as in Flink.
   *
   * @throws StatefunError `SF_KAFKA_GROUP_MISSING`, `SF_KAFKA_NOT_AUTHORIZED`; the library's network errors
   */
  async find(partitions: readonly StartingPartition[]): Promise<number[]> {
    const { startupPosition } = this.#definition
    switch (startupPosition.type) {
      case 'earliest':
        return this.#list(partitions, EARLIEST)
      case 'latest':
        return this.#list(partitions, LATEST)
      case 'group-offsets':
        return this.#fromGroup(partitions)
      case 'specific-offsets': {
        const given = new Map(
          startupPosition.offsets.map((each) => [`${each.topic}/${each.partition}`, each.offset]),
        )
        const found = partitions.map(({ topic, index }) => given.get(`${topic}/${index}`) ?? NO_OFFSET)
        return this.#fill(partitions, found, (missing) => this.#fromGroup(missing))
      }
      case 'date': {
        const found = await this.#list(partitions, BigInt(startupPosition.epochMs))
        return this.#fill(partitions, found, (missing) => this.#list(missing, LATEST))
      }
    }
  }

  /** First offset that still exists. */
  earliest(partitions: readonly StartingPartition[]): Promise<number[]> {
    return this.#list(partitions, EARLIEST)
  }

  /** Where `autoOffsetResetPosition` leads. */
  reset(partitions: readonly StartingPartition[]): Promise<number[]> {
    return this.#list(partitions, this.#definition.autoOffsetResetPosition === 'earliest' ? EARLIEST : LATEST)
  }

  async #fromGroup(partitions: readonly StartingPartition[]): Promise<number[]> {
    const group = this.#settings.groupId
    if (group === undefined) {
      throw new StatefunError(
        'SF_KAFKA_GROUP_MISSING',
        `ingress ${this.#definition.id} starts from group offsets but names no consumer group`,
        { hint: 'set consumerGroupId in its spec' },
      )
    }
    const committed = await this.#committed(group, partitions)
    return this.#fill(partitions, committed, (missing) => {
      const names = missing.map(({ topic, index }) => `${topic}/${index}`).join(', ')
      const { autoOffsetResetPosition } = this.#definition
      this.#logger.info(
        { ingress: this.#definition.id, group },
        `group ${group} has no offset for ${names}: starting at ${autoOffsetResetPosition}`,
      )
      return this.reset(missing)
    })
  }

  async #fill(
    partitions: readonly StartingPartition[],
    found: readonly number[],
    find: (missing: readonly StartingPartition[]) => Promise<number[]>,
  ): Promise<number[]> {
    const missing = partitions.filter((_, i) => found[i] === NO_OFFSET)
    if (missing.length === 0) return [...found]
    const filled = await find(missing)
    return partitions.map((partition, i) =>
      found[i] === NO_OFFSET ? filled[missing.indexOf(partition)]! : found[i]!,
    )
  }

  async #committed(group: string, partitions: readonly StartingPartition[]): Promise<number[]> {
    const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, members]) => ({
      name,
      partitionIndexes: members.map(({ index }) => index),
    }))
    const response = await this.#retrying(async () => {
      const nodeId = await this.#cluster.coordinator('group', group)
      const coordinator = await this.#cluster.connection(nodeId, 'control')
      // Stable offsets only: a transaction that is about to commit offsets for the group may still move them.
      return offsetFetchV8.api.async(coordinator, [{ groupId: group, memberEpoch: -1, topics }], true)
    })
    const offsets = new Map<string, number>()
    for (const topic of response.groups[0]!.topics) {
      for (const { partitionIndex, committedOffset } of topic.partitions) {
        offsets.set(`${topic.name}/${partitionIndex}`, Number(committedOffset))
      }
    }
    return partitions.map(({ topic, index }) => offsets.get(`${topic}/${index}`) ?? NO_OFFSET)
  }

  async #list(partitions: readonly StartingPartition[], timestamp: bigint): Promise<number[]> {
    const found = new Map<StartingPartition, number>()
    await Promise.all(
      [...Map.groupBy(partitions, ({ leader }) => leader)].map(async ([leader, members]) => {
        const topics = [...Map.groupBy(members, ({ topic }) => topic)].map(([name, ofTopic]) => ({
          name,
          partitions: ofTopic.map(({ index }) => ({
            partitionIndex: index,
            currentLeaderEpoch: -1,
            timestamp,
          })),
        }))
        const connection = await this.#cluster.connection(leader, 'control')
        const isolation = this.#settings.readCommitted ? 1 : 0
        const response = await this.#retrying(() =>
          listOffsetsV7.api.async(connection, -1, isolation, topics),
        )
        for (const topic of response.topics) {
          for (const { partitionIndex, offset } of topic.partitions) {
            const member = members.find((each) => each.topic === topic.name && each.index === partitionIndex)
            if (member !== undefined) found.set(member, Number(offset))
          }
        }
      }),
    )
    return partitions.map((partition) => found.get(partition) ?? NO_OFFSET)
  }

  /** Tries a call again while a coordinator loads or moves; a stale leader is for the caller, who has the metadata. */
  async #retrying<T>(call: () => Promise<T>): Promise<T> {
    const { retryBackoffMs, retryBackoffMaxMs, startTimeoutMs } = this.#settings.client
    const deadline = performance.now() + startTimeoutMs
    for (let attempt = 1; ; attempt++) {
      try {
        return await call()
      } catch (error) {
        const code = protocolCodeOf(error)
        if (code === undefined || isStaleLeader(code)) throw error
        if (!isRetriable(error)) {
          throw new StatefunError(
            'SF_KAFKA_OFFSETS_REFUSED',
            `the offsets of ingress ${this.#definition.id} cannot be read: ${rootMessage(error)}`,
            { hint: 'check that the client may describe its topics and its consumer group', cause: error },
          )
        }
        if (performance.now() > deadline) throw error
        await this.#pause.wait(backoffMs(attempt, retryBackoffMs, retryBackoffMaxMs))
      }
    }
  }
}

function isRetriable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.every(isRetriable)
  return 'canRetry' in error && error.canRetry === true
}
