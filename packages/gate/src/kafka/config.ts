/** Kafka's own setting names, as in `server.properties`. */
export type KafkaSettings = Readonly<Record<string, string | number | boolean>>

/** Who may log in over the SASL listeners, PLAIN mechanism: user name to password. */
export type KafkaUsers = Readonly<Record<string, string>>

/** The broker's certificate chain and its unencrypted PKCS #8 private key, both PEM texts. */
export interface KafkaTls {
  readonly certificate: string
  readonly privateKey: string
}

/** A listener for clients, by Kafka's name of its security protocol. */
export type KafkaListener = 'PLAINTEXT' | 'SASL_PLAINTEXT' | 'SSL' | 'SASL_SSL'

/** What {@link brokerSettings} builds from. */
export interface BrokerSettingsInput {
  readonly dataDir: string
  readonly controllerPort: number
  readonly ports: Readonly<Partial<Record<KafkaListener, number>>>
  readonly users?: KafkaUsers | undefined
  readonly tls?: KafkaTls | undefined
  /** Wins over everything else. */
  readonly overrides?: KafkaSettings | undefined
}

/**
 * Settings of a one-node KRaft broker that is small and quick: few partitions of the internal topics, no waiting for a
 * group's second member, no 128 MB buffer for the log cleaner, transactions of up to an hour.
 */
export function brokerSettings(input: BrokerSettingsInput): KafkaSettings {
  const listeners = Object.entries(input.ports).map(([name, port]) => `${name}://127.0.0.1:${port}`)
  const protocols = Object.keys(input.ports).map((name) => `${name}:${name}`)
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${input.controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${input.controllerPort}`].join(','),
    'advertised.listeners': listeners.join(','),
    'listener.security.protocol.map': [...protocols, 'CONTROLLER:PLAINTEXT'].join(','),
    'log.dirs': input.dataDir,
    'auto.create.topics.enable': true,
    'num.partitions': 1,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'transaction.max.timeout.ms': 3_600_000,
    'group.initial.rebalance.delay.ms': 0,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    ...(input.users === undefined ? {} : saslSettings(input.users)),
    ...(input.tls === undefined ? {} : tlsSettings(input.tls)),
    ...input.overrides,
  }
}

function saslSettings(users: KafkaUsers): KafkaSettings {
  const credentials = Object.entries(users).map(
    ([name, password]) => `user_${name}="${password.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
  )
  const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required ${credentials.join(' ')};`
  return {
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl_plaintext.plain.sasl.jaas.config': jaas,
    'listener.name.sasl_ssl.plain.sasl.jaas.config': jaas,
  }
}

function tlsSettings(tls: KafkaTls): KafkaSettings {
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': tls.certificate.trim(),
    'ssl.keystore.key': tls.privateKey.trim(),
    'ssl.client.auth': 'none',
  }
}

/** The text of a Java properties file; values may hold line breaks. */
export function toProperties(settings: KafkaSettings): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${escapeValue(String(value))}\n`)
    .join('')
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\r', '').replaceAll('\n', '\\n').replace(/^ /, '\\ ')
}
