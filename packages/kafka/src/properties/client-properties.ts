import type { PropertyReader } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import type { BrokerAddress, ClientSettings } from '../cluster/client-settings.ts'
import { readSasl } from './sasl.ts'
import { readTls } from './tls.ts'

const PROTOCOLS = {
  PLAINTEXT: { tls: false, sasl: false },
  SSL: { tls: true, sasl: false },
  SASL_PLAINTEXT: { tls: false, sasl: true },
  SASL_SSL: { tls: true, sasl: true },
} as const

/** Where the settings of a client come from besides its properties. */
export interface ClientOrigin {
  /** `ingress a/b` or `egress a/b`, for messages. */
  readonly owner: string
  /** Bootstrap servers; wins over the properties (contract 4.3). */
  readonly address: string | undefined
  readonly defaultClientId: string
  /** The property that limits how long a start waits for the cluster. */
  readonly startTimeoutProperty: 'default.api.timeout.ms' | 'max.block.ms'
}

/**
 * Settings that ingresses and egresses share, from properties named as in Kafka's Java client.
 *
 * @throws StatefunError `SF_KAFKA_ADDRESS_MISSING`, `SF_KAFKA_PROPERTY_INVALID` and those of the TLS stores
 */
export function readClientProperties(properties: PropertyReader, origin: ClientOrigin): ClientSettings {
  const configured = properties.text('bootstrap.servers')
  const address = origin.address ?? configured
  if (address === undefined || address.trim() === '') {
    throw new StatefunError('SF_KAFKA_ADDRESS_MISSING', `${origin.owner} names no Kafka brokers`, {
      hint: 'set address: host:port in its spec',
    })
  }
  const protocol = properties.choice<(typeof PROTOCOLS)[keyof typeof PROTOCOLS]>(
    'security.protocol',
    PROTOCOLS,
    PROTOCOLS.PLAINTEXT,
  )
  if (!protocol.tls) properties.idle('ssl.', 'with this security.protocol')
  if (!protocol.sasl) properties.idle('sasl.', 'with this security.protocol')
  return {
    bootstrap: parseBootstrap(address, origin.owner),
    clientId: properties.text('client.id') ?? origin.defaultClientId,
    tls: protocol.tls ? readTls(properties) : undefined,
    sasl: protocol.sasl ? readSasl(properties) : undefined,
    requestTimeoutMs: properties.integer('request.timeout.ms', 30_000, 1),
    connectTimeoutMs: properties.integer('socket.connection.setup.timeout.ms', 10_000, 1),
    startTimeoutMs: properties.integer(origin.startTimeoutProperty, 60_000),
    metadataMaxAgeMs: properties.integer('metadata.max.age.ms', 30_000, 1),
    retryBackoffMs: properties.integer('retry.backoff.ms', 100, 1),
    retryBackoffMaxMs: properties.integer('retry.backoff.max.ms', 1_000, 1),
  }
}

/**
 * `host:port, [::1]:9092` as Kafka clients take it; a listener prefix such as `PLAINTEXT://` is dropped.
 *
 * @throws StatefunError `SF_KAFKA_ADDRESS_INVALID`
 */
export function parseBootstrap(text: string, owner: string): BrokerAddress[] {
  const addresses: BrokerAddress[] = []
  for (const part of text.split(',')) {
    const trimmed = part.trim()
    if (trimmed === '') continue
    const match = /^(?:[A-Za-z_]+:\/\/)?(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(trimmed)
    const port = Number(match?.[3])
    if (match === null || port < 1 || port > 65_535) {
      throw new StatefunError(
        'SF_KAFKA_ADDRESS_INVALID',
        `"${trimmed}" of ${owner} is not a broker address`,
        {
          hint: 'write host:port, several separated by commas',
        },
      )
    }
    addresses.push({ host: match[1] ?? match[2]!, port })
  }
  return addresses
}
