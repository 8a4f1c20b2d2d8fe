import { SessionError, type SessionTrouble, type TransactionSession } from '@statefun/kafka/transaction'
import type { Marker } from '../../../packages/engine/src/connector/transactional-sink.ts'
import { textOf } from '../functions/message-number.ts'
import { type BrokerClient, NoAnswer } from './broker-client.ts'
import { type BrokerError, BrokerRefusal, type ProducerIdentity, type SimBroker } from './sim-broker.ts'

/** Values in one produce request. */
const BATCH = 3
/** Tries of a produce request, which the broker recognises by its sequence number. */
const TRIES = 3
const PAUSE_MS = 2

const TROUBLES: Readonly<Record<BrokerError, SessionTrouble>> = {
  COORDINATOR_LOADING: 'retry',
  CONCURRENT_TRANSACTIONS: 'retry',
  UNSTABLE_OFFSET_COMMIT: 'retry',
  PRODUCER_FENCED: 'fenced',
  INVALID_TXN_STATE: 'broken',
  OUT_OF_ORDER_SEQUENCE: 'broken',
}

/** The calls of one transactional producer on the simulated brokers; what they mean is for the connector's own driver to say. */
export class SimTransactionSession implements TransactionSession {
  readonly #client: BrokerClient
  /** Transactional id, output partition and marker group in one. */
  readonly #name: string
  readonly #timeoutMs: number
  #producer: ProducerIdentity = { id: -1, epoch: -1 }
  #sequence = 0
  readonly #underWay = new Set<(error: SessionError) => void>()

  constructor(client: BrokerClient, name: string, timeoutMs: number) {
    this.#client = client
    this.#name = name
    this.#timeoutMs = timeoutMs
  }

  async init(): Promise<void> {
    const name = this.#name
    this.#producer = await this.#ask('initProducerId', (broker) =>
      broker.initProducerId(name, this.#timeoutMs),
    )
    this.#sequence = 0
  }

  readMarker(stable: boolean): Promise<Marker | undefined> {
    return this.#ask('fetchOffset', (broker) => broker.fetchOffset(this.#name, stable))
  }

  async send(values: Iterable<Uint8Array>): Promise<void> {
    const texts = [...values].map(textOf)
    if (texts.length === 0) return
    const name = this.#name
    const producer = this.#producer
    await this.#repeated(() =>
      this.#ask('addPartitions', (broker) => broker.addPartitions(name, producer, [name])),
    )
    for (let at = 0; at < texts.length; at += BATCH) {
      const batch = texts.slice(at, at + BATCH)
      const sequence = this.#sequence
      this.#sequence += batch.length
      await this.#repeated(() =>
        this.#ask(`produce ${sequence} ${batch.length}`, (broker) =>
          broker.produce(name, producer, name, sequence, batch),
        ),
      )
    }
  }

  async mark(marker: Marker): Promise<void> {
    const name = this.#name
    const producer = this.#producer
    await this.#ask('addOffsets', (broker) => broker.addOffsets(name, producer, name))
    await this.#ask(`commitOffset ${marker.epoch}`, (broker) =>
      broker.commitOffset(name, producer, name, marker),
    )
  }

  async end(): Promise<void> {
    const producer = this.#producer
    try {
      await this.#ask('end', (broker) => broker.end(this.#name, producer, true))
    } catch (error) {
      if (error instanceof SessionError && error.trouble === 'retry')
        throw new SessionError('broken', error.message)
      throw error
    }
  }

  reset(): void {
    const dropped = new SessionError('broken', 'the connections were dropped')
    for (const reject of this.#underWay) reject(dropped)
    this.#underWay.clear()
  }

  async close(): Promise<void> {
    this.reset()
  }

  /** Comes again where nothing is lost by it. */
  async #repeated(request: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await request()
        return
      } catch (error) {
        if (!(error instanceof SessionError)) throw error
        if (error.trouble !== 'retry' && !(error.cause instanceof NoAnswer)) throw error
        if (tries === TRIES) throw new SessionError('broken', error.message)
        await this.#client.pause(PAUSE_MS)
      }
    }
  }

  #ask<T>(what: string, apply: (broker: SimBroker) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#underWay.add(reject)
      this.#client
        .ask(`${what} ${this.#name}`, apply)
        .then(resolve, (error: unknown) => reject(troubleOf(error)))
        .finally(() => this.#underWay.delete(reject))
    })
  }
}

function troubleOf(error: unknown): unknown {
  if (error instanceof BrokerRefusal) return new SessionError(TROUBLES[error.code], error.code)
  return error instanceof NoAnswer ? new SessionError('broken', 'no answer', { cause: error }) : error
}
