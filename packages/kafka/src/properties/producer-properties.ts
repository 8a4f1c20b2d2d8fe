import { type KafkaEgressDefinition, type Logger, PropertyReader } from '@statefun/engine'
import type { ClientSettings } from '../cluster/client-settings.ts'
import { COMPRESSIONS, type Compression } from '../record-batch/codec.ts'
import { readClientProperties } from './client-properties.ts'
import { PRODUCER_WITHOUT_EFFECT, TRANSACTION_WITHOUT_EFFECT } from './without-effect.ts'

/** Settings of an egress. Sizes are bytes, durations milliseconds. */
export interface ProducerSettings {
  readonly client: ClientSettings
  readonly acks: -1 | 0 | 1
  /** Sequence numbers keep order and prevent doubles when requests are repeated; needs acks=all. */
  readonly idempotent: boolean
  readonly compression: Compression
  readonly lingerMs: number
  /** A batch of this size is closed; it may hold one record more. */
  readonly batchBytes: number
  readonly maxRequestBytes: number
  readonly deliveryTimeoutMs: number
  readonly retries: number
  /** Unacknowledged bytes from which the egress asks for less. */
  readonly bufferBytes: number
  /** Set for exactly-once delivery: the same for every incarnation of an egress of an app. */
  readonly transactionalId: string | null
}

const ACKS: Readonly<Record<string, -1 | 0 | 1>> = { all: -1, '-1': -1, 0: 0, 1: 1 }
const COMPRESSION_CHOICES = Object.fromEntries(COMPRESSIONS.map((name) => [name, name]))

/**
 * Reads an egress's properties and warns about those that are not used.
 *
 * @throws StatefunError as {@link readClientProperties}; also when idempotence is asked for without acks=all, and when
 *   exactly-once delivery is asked for without either
 */
export function readProducerProperties(
  definition: KafkaEgressDefinition,
  app: string,
  logger: Logger,
): ProducerSettings {
  const owner = `egress ${definition.id}`
  const properties = new PropertyReader(definition.properties, owner, 'SF_KAFKA_PROPERTY_INVALID')
  const acks = properties.choice('acks', ACKS, -1)
  const idempotent = properties.flag('enable.idempotence', acks === -1)
  const exactlyOnce = definition.deliverySemantic.type === 'exactly-once'
  if (exactlyOnce && acks !== -1) throw properties.invalid('acks', 'all with exactly-once delivery')
  if (exactlyOnce && !idempotent) {
    throw properties.invalid('enable.idempotence', 'true with exactly-once delivery')
  }
  if (idempotent && acks !== -1) throw properties.invalid('acks', 'all when enable.idempotence is true')
  const settings: ProducerSettings = {
    client: readClientProperties(properties, {
      owner,
      address: definition.address,
      defaultClientId: `${app}-${definition.id}`,
      startTimeoutProperty: 'max.block.ms',
    }),
    acks,
    idempotent,
    compression: properties.choice<Compression>('compression.type', COMPRESSION_CHOICES, 'none'),
    lingerMs: properties.integer('linger.ms', 0),
    batchBytes: properties.integer('batch.size', 512 << 10),
    maxRequestBytes: properties.integer('max.request.size', 1 << 20, 1),
    deliveryTimeoutMs: properties.integer('delivery.timeout.ms', 120_000, 1),
    retries: properties.integer('retries', 0x7fff_ffff),
    bufferBytes: properties.integer('buffer.memory', 32 << 20, 1),
    transactionalId: exactlyOnce ? `${app}:${definition.id}` : null,
  }
  if (exactlyOnce) properties.disregard(TRANSACTION_WITHOUT_EFFECT, 'with exactly-once delivery')
  properties.warnUnused(logger, PRODUCER_WITHOUT_EFFECT)
  return settings
}
