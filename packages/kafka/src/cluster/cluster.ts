import { isIP } from 'node:net'
import type { Connection } from '@platformatic/kafka'
import { backoffMs, type Logger, Outage } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { requireApis } from './api-versions.ts'
import { BrokerConnection } from './broker-connection.ts'
import { apiVersionsV3, findCoordinatorV4, metadataV12 } from './client-library.ts'
import { type BrokerAddress, type ClientSettings, formatBootstrap } from './client-settings.ts'
import type { Pause } from './pause.ts'
import { partialResponseOf, rootMessage } from './protocol-error.ts'

/** What a connection is for: long polls and produce requests block a connection, so each purpose has its own. */
export type Purpose = 'fetch' | 'produce' | 'control' | 'transaction' | 'group'

/** What a coordinator coordinates. */
export type CoordinatorKind = 'group' | 'transaction'

const COORDINATOR_TYPE = { group: 0, transaction: 1 } as const

/** `leader` is -1 while a partition has none. */
export interface PartitionMetadata {
  readonly index: number
  readonly leader: number
  readonly leaderEpoch: number
}

/** `errorCode` is a protocol error code, 0 for a topic that exists; partitions are ordered by index. */
export interface TopicMetadata {
  readonly errorCode: number
  readonly partitions: readonly PartitionMetadata[]
}

type MetadataResponse = Awaited<ReturnType<typeof metadataV12.api.async>>

/** Connections to the brokers of one cluster and what they say about themselves. */
export class Cluster {
  readonly #settings: ClientSettings
  readonly #logger: Logger
  readonly #brokers = new Map<number, BrokerAddress>()
  readonly #connections = new Map<string, Promise<Connection>>()
  readonly #open = new Set<BrokerConnection>()
  /** Grows when all connections are dropped. */
  #generation = 0
  #closed = false

  constructor(settings: ClientSettings, logger: Logger) {
    this.#settings = settings
    this.#logger = logger
  }

  /**
   * Waits until a broker answers, at most `startTimeoutMs`.
   *
   * @param pause is waited on between attempts, so that a stop can end it
   * @throws StatefunError `SF_KAFKA_UNREACHABLE`, `SF_KAFKA_AUTHENTICATION_FAILED`, `SF_KAFKA_SECURITY_MISMATCH`,
   *   `SF_KAFKA_BROKER_TOO_OLD`
   */
  async ready(pause: Pause): Promise<void> {
    const settings = this.#settings
    const address = formatBootstrap(settings)
    const outage = new Outage(this.#logger, { address })
    const deadline = performance.now() + settings.startTimeoutMs
    for (let attempt = 1; ; attempt++) {
      try {
        await this.metadata([], false)
        outage.ended(`Kafka at ${address} answers`)
        return
      } catch (error) {
        if (error instanceof StatefunError) throw error
        const wait = backoffMs(attempt, settings.retryBackoffMs, settings.retryBackoffMaxMs)
        if (this.#closed || performance.now() + wait > deadline) throw this.#unreachable(error)
        outage.began(`Kafka at ${address} cannot be reached yet: ${rootMessage(error)}; trying again`)
        await pause.wait(wait)
      }
    }
  }

  /**
   * Asks any broker about topics; an empty list only learns the brokers.
   *
   * @throws the last broker's error when none answered
   */
  async metadata(topics: readonly string[], autoCreate: boolean): Promise<Map<string, TopicMetadata>> {
    const response = await this.anyBroker(async (connection) => {
      try {
        return await metadataV12.api.async(connection, [...topics], autoCreate, false)
      } catch (error) {
        const partial = partialResponseOf(error)
        if (partial === undefined) throw error
        return partial as MetadataResponse
      }
    })
    for (const { nodeId, host, port } of response.brokers) this.#brokers.set(nodeId, { host, port })
    const known = new Map<string, TopicMetadata>()
    for (const topic of response.topics) {
      if (typeof topic.name !== 'string') continue
      const partitions = topic.partitions
        .map(({ partitionIndex, leaderId, leaderEpoch }) => ({
          index: partitionIndex,
          leader: leaderId,
          leaderEpoch,
        }))
        .sort((a, b) => a.index - b.index)
      known.set(topic.name, { errorCode: topic.errorCode, partitions })
    }
    return known
  }

  /** Node id of the coordinator of a consumer group or transactional id. */
  async coordinator(kind: CoordinatorKind, key: string): Promise<number> {
    const response = await this.anyBroker((connection) =>
      findCoordinatorV4.api.async(connection, COORDINATOR_TYPE[kind], [key]),
    )
    const { nodeId, host, port } = response.coordinators[0]!
    this.#brokers.set(nodeId, { host, port })
    return nodeId
  }

  /** Runs a call at the first broker that takes it: known ones first, then the bootstrap addresses. */
  async anyBroker<T>(call: (connection: Connection) => Promise<T>): Promise<T> {
    let last: unknown = new Error('the client is closed')
    const attempts = [
      ...[...this.#brokers.keys()].map((nodeId) => () => this.connection(nodeId, 'control')),
      ...this.#settings.bootstrap.map(
        (broker) => () => this.#shared(`bootstrap ${broker.host}:${broker.port}`, broker),
      ),
    ]
    for (const connect of attempts) {
      if (this.#closed) break
      try {
        return await call(await connect())
      } catch (error) {
        if (error instanceof StatefunError) throw error
        last = error
      }
    }
    throw last
  }

  /**
   * An open connection to a broker, shared by all callers with the same purpose.
   *
   * @throws the network error; StatefunError for refusals that a retry cannot mend
   */
  connection(nodeId: number, purpose: Purpose): Promise<Connection> {
    const broker = this.#brokers.get(nodeId)
    if (broker === undefined) return Promise.reject(new Error(`broker ${nodeId} is not known`))
    return this.#shared(`${purpose} ${nodeId}`, broker)
  }

  /** Drops all connections at once, without waiting for anybody: requests under way fail, later ones make new connections. */
  disconnect(): void {
    this.#generation++
    this.#connections.clear()
    // Those that are still being made end by themselves when they see that their time is over.
    for (const connection of this.#open) if (connection.isConnected()) connection.destroy()
  }

  /** Closes all connections; requests under way fail. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#open].map((connection) => connection.close()))
    this.#open.clear()
    this.#connections.clear()
  }

  #shared(key: string, broker: BrokerAddress): Promise<Connection> {
    if (this.#closed) return Promise.reject(new Error('the client is closed'))
    const existing = this.#connections.get(key)
    if (existing !== undefined) return existing
    const opening = this.#connect(broker, () => {
      if (this.#connections.get(key) === opening) this.#connections.delete(key)
    })
    this.#connections.set(key, opening)
    return opening
  }

  async #connect({ host, port }: BrokerAddress, gone: () => void): Promise<Connection> {
    const settings = this.#settings
    const generation = this.#generation
    const connection: BrokerConnection = new BrokerConnection(host, port, {
      clientId: settings.clientId,
      connectTimeoutMs: settings.connectTimeoutMs,
      requestTimeoutMs: settings.requestTimeoutMs,
      tls: settings.tls && { ...settings.tls, ...(isIP(host) === 0 ? { servername: host } : {}) },
      sasl: settings.sasl,
      onClosed: () => {
        this.#open.delete(connection)
        gone()
      },
    })
    this.#open.add(connection)
    try {
      await connection.ready()
      await requireApis(connection.forCalls, `${host}:${port}`, apiVersionsV3.api.async)
    } catch (error) {
      gone()
      connection.destroy()
      throw this.#refusal(error, `${host}:${port}`) ?? error
    }
    if (this.#closed || generation !== this.#generation) {
      connection.destroy()
      throw new Error(this.#closed ? 'the client is closed' : 'the connection was dropped')
    }
    return connection.forCalls
  }

  #unreachable(cause: unknown): StatefunError {
    const address = formatBootstrap(this.#settings)
    return new StatefunError(
      'SF_KAFKA_UNREACHABLE',
      `Kafka at ${address} cannot be reached: ${rootMessage(cause)}`,
      {
        hint: 'check the address and that the broker runs and advertises a listener that this machine can reach',
        cause,
      },
    )
  }

  /** The error for a refusal that trying again cannot mend. */
  #refusal(error: unknown, address: string): StatefunError | undefined {
    for (let current = error; current instanceof Error; current = current.cause) {
      const code = 'code' in current ? current.code : undefined
      if (code === 'PLT_KFK_AUTHENTICATION') {
        return new StatefunError(
          'SF_KAFKA_AUTHENTICATION_FAILED',
          `Kafka at ${address} refused the credentials: ${rootMessage(error)}`,
          { hint: 'check sasl.mechanism and sasl.jaas.config', cause: error },
        )
      }
      if (code === 'PLT_KFK_USER') {
        return new StatefunError(
          'SF_KAFKA_SECURITY_MISMATCH',
          `Kafka at ${address} cannot be talked to: ${rootMessage(error)}`,
          { hint: 'set security.protocol to what the listener speaks', cause: error },
        )
      }
    }
    return undefined
  }
}
