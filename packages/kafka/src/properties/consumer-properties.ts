import { type KafkaIngressDefinition, type Logger, PropertyReader } from '@statefun/engine'
import type { ClientSettings } from '../cluster/client-settings.ts'
import { DEFAULT_MAX_DECOMPRESSED_BYTES, MAX_DECOMPRESSED_BYTES } from '../record-batch/batch-cursor.ts'
import { readClientProperties } from './client-properties.ts'
import { CONSUMER_WITHOUT_EFFECT } from './without-effect.ts'

/** Settings of an ingress. Sizes are bytes. */
export interface ConsumerSettings {
  readonly client: ClientSettings
  /** Group whose committed offsets are read and written; undefined reads and commits none. */
  readonly groupId: string | undefined
  readonly fetchMinBytes: number
  readonly fetchMaxWaitMs: number
  readonly fetchMaxBytes: number
  readonly maxPartitionFetchBytes: number
  /** A compressed batch that unfolds to more is refused. */
  readonly maxDecompressedBytes: number
  readonly readCommitted: boolean
  readonly autoCreateTopics: boolean
}

/**
 * Reads an ingress's properties and warns about those that are not used.
 *
 * @throws StatefunError as {@link readClientProperties}
 */
export function readConsumerProperties(
  definition: KafkaIngressDefinition,
  app: string,
  logger: Logger,
): ConsumerSettings {
  const owner = `ingress ${definition.id}`
  const properties = new PropertyReader(definition.properties, owner, 'SF_KAFKA_PROPERTY_INVALID')
  const groupId = properties.text('group.id')
  const settings: ConsumerSettings = {
    client: readClientProperties(properties, {
      owner,
      address: definition.address,
      defaultClientId: `${app}-${definition.id}`,
      startTimeoutProperty: 'default.api.timeout.ms',
    }),
    groupId: definition.consumerGroupId ?? groupId,
    fetchMinBytes: properties.integer('fetch.min.bytes', 1),
    fetchMaxWaitMs: properties.integer('fetch.max.wait.ms', 500),
    fetchMaxBytes: properties.integer('fetch.max.bytes', 8 << 20, 1),
    maxPartitionFetchBytes: properties.integer('max.partition.fetch.bytes', 1 << 20, 1),
    maxDecompressedBytes: properties.integer(MAX_DECOMPRESSED_BYTES, DEFAULT_MAX_DECOMPRESSED_BYTES, 1),
    readCommitted: properties.choice(
      'isolation.level',
      { read_uncommitted: false, read_committed: true },
      false,
    ),
    autoCreateTopics: properties.flag('allow.auto.create.topics', false),
  }
  properties.warnUnused(logger, CONSUMER_WITHOUT_EFFECT)
  const { fetchMaxWaitMs, client } = settings
  if (fetchMaxWaitMs < client.requestTimeoutMs) return settings
  // The broker may answer an idle fetch only after this wait: the request would always time out before.
  const shorter = Math.floor(client.requestTimeoutMs / 2)
  logger.warn(
    { ingress: definition.id },
    `fetch.max.wait.ms (${fetchMaxWaitMs}) is not below request.timeout.ms (${client.requestTimeoutMs}); ${shorter} is used`,
  )
  return { ...settings, fetchMaxWaitMs: shorter }
}
