import { backoffMs } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { createTopicsV7 } from '../cluster/client-library.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Pause } from '../cluster/pause.ts'
import { ERROR, errorName, protocolCodeOf, rootMessage } from '../cluster/protocol-error.ts'

/** Of the broker's choice. */
const DEFAULT_REPLICATION = -1

export interface EpochsTopicOptions {
  readonly cluster: Cluster
  /** The egress id, for messages. */
  readonly egress: string
  readonly topic: string
  /** Is waited on between attempts. */
  readonly pause: Pause
  readonly startTimeoutMs: number
  readonly retryBackoffMs: number
  readonly stopped: () => boolean
}

/**
 * Makes the topic that markers are committed for, unless it is there. Nothing is ever written to it: Kafka takes offsets only
 * for partitions that exist.
 *
 * @throws StatefunError `SF_KAFKA_EPOCHS_TOPIC` when it can be neither found nor made
 */
export async function ensureEpochsTopic(options: EpochsTopicOptions): Promise<void> {
  const { cluster, topic, pause, startTimeoutMs, retryBackoffMs, stopped } = options
  const deadline = performance.now() + startTimeoutMs
  for (let attempt = 1; ; attempt++) {
    let reason: unknown
    try {
      const found = (await cluster.metadata([topic], false)).get(topic)
      if (found?.errorCode === ERROR.none && found.partitions.length > 0) return
      if (found !== undefined && found.errorCode !== ERROR.unknownTopicOrPartition) {
        reason = new Error(errorName(found.errorCode))
        if (found.errorCode === ERROR.topicAuthorizationFailed) throw missing(options, reason)
      } else await create(options)
    } catch (error) {
      if (error instanceof StatefunError) throw error
      reason = error
    }
    if (stopped() || performance.now() > deadline)
      throw missing(options, reason ?? new Error('it does not appear'))
    await pause.wait(backoffMs(attempt, reason === undefined ? 5 : retryBackoffMs, 1000))
  }
}

async function create(options: EpochsTopicOptions): Promise<void> {
  const { cluster, topic } = options
  const wanted = {
    name: topic,
    numPartitions: 1,
    replicationFactor: DEFAULT_REPLICATION,
    assignments: [],
    configs: [],
  }
  try {
    await cluster.anyBroker((connection) => createTopicsV7.api.async(connection, [wanted], 10_000, false))
  } catch (error) {
    switch (protocolCodeOf(error)) {
      case ERROR.topicAlreadyExists:
        return
      case ERROR.invalidTopic:
      case ERROR.topicAuthorizationFailed:
      case ERROR.clusterAuthorizationFailed:
      case ERROR.policyViolation:
        throw missing(options, error)
      default:
        throw error
    }
  }
}

function missing({ egress, topic }: EpochsTopicOptions, cause: unknown): StatefunError {
  return new StatefunError(
    'SF_KAFKA_EPOCHS_TOPIC',
    `egress ${egress} needs topic ${topic} for the markers of its exactly-once delivery: ${rootMessage(cause)}`,
    {
      where: `topic [${topic}]`,
      hint: `create topic ${topic} with one partition, or grant the client CREATE and DESCRIBE on it`,
      cause,
    },
  )
}
