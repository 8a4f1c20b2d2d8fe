import { StatefunError } from '@statefun/protocol'
import type { SinkListener } from '../../../packages/engine/src/connector/sink.ts'
import {
  FENCED,
  type Marker,
  type Publisher,
  type TransactionalSink,
} from '../../../packages/engine/src/connector/transactional-sink.ts'
import { textOf } from '../functions/message-number.ts'
import { type BrokerClient, NoAnswer } from './broker-client.ts'
import { BrokerRefusal, type ProducerIdentity } from './sim-broker.ts'

const PAUSE_MS = 3
/** Values in one produce request. */
const BATCH = 3

/** An exactly-once egress as the Kafka connector does it: one transaction for records and marker, never repeated blindly. */
export class SimTransactionalSink implements TransactionalSink {
  readonly id: string
  readonly maxPendingBytes: number
  readonly #client: BrokerClient
  readonly #name: string
  readonly #timeoutMs: number
  #publisher: Publisher | undefined
  #producer: ProducerIdentity | undefined
  #sequence = 0
  #marker: Marker | undefined
  #stopped = false

  constructor(client: BrokerClient, name: string, timeoutMs: number, maxPendingBytes: number) {
    this.id = `sim/${name}`
    this.#client = client
    this.#name = name
    this.#timeoutMs = timeoutMs
    this.maxPendingBytes = maxPendingBytes
  }

  async open(publisher: Publisher, _listener: SinkListener): Promise<Marker | undefined> {
    this.#publisher = publisher
    await this.#init()
    return this.#marker
  }

  check(): void {}

  async publish(epoch: number, values: Iterable<Uint8Array>): Promise<void> {
    const texts = [...values].map(textOf)
    for (;;) {
      if (this.#stopped) throw new StatefunError('SF_ENGINE_NOT_RUNNING', 'the egress is stopped')
      try {
        if (this.#producer === undefined) {
          const before = this.#marker
          await this.#init()
          const marker = this.#marker
          const own = marker?.owner === this.#publisher!.owner
          if (!own && (marker?.owner !== before?.owner || marker?.epoch !== before?.epoch)) {
            throw new StatefunError(FENCED, `another engine publishes to ${this.id}`)
          }
          if (own && marker!.epoch >= epoch && texts.length > 0) return
        }
        await this.#transaction(epoch, texts)
        return
      } catch (error) {
        if (!(error instanceof NoAnswer) && !(error instanceof BrokerRefusal)) throw error
        // Whether it was carried out is what the marker says.
        this.#producer = undefined
        await this.#client.pause(PAUSE_MS)
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
  }

  async #transaction(epoch: number, texts: readonly string[]): Promise<void> {
    const producer = this.#producer!
    const name = this.#name
    if (texts.length > 0) {
      await this.#repeat(() =>
        this.#client.ask(`addPartitions ${name}`, (broker) => broker.addPartitions(name, producer, [name])),
      )
      for (let at = 0; at < texts.length; at += BATCH) {
        const batch = texts.slice(at, at + BATCH)
        const sequence = this.#sequence
        await this.#client.ask(`produce ${name} ${sequence} ${batch.length}`, (broker) =>
          broker.produce(name, producer, name, sequence, batch),
        )
        this.#sequence += batch.length
      }
    }
    await this.#repeat(() =>
      this.#client.ask(`addOffsets ${name}`, (broker) => broker.addOffsets(name, producer, name)),
    )
    const marker = { ...this.#publisher!, epoch }
    await this.#client.ask(`commitOffset ${name} ${epoch}`, (broker) =>
      broker.commitOffset(name, producer, name, marker),
    )
    await this.#client.ask(`end ${name} ${epoch}`, (broker) => broker.end(name, producer, true))
    this.#marker = marker
  }

  async #init(): Promise<void> {
    const name = this.#name
    for (;;) {
      try {
        const producer = await this.#client.ask(`initProducerId ${name}`, (broker) =>
          broker.initProducerId(name, this.#timeoutMs),
        )
        this.#marker = await this.#repeat(() =>
          this.#client.ask(`fetchOffset ${name}`, (broker) => broker.fetchOffset(name)),
        )
        this.#producer = producer
        this.#sequence = 0
        return
      } catch (error) {
        if (!(error instanceof NoAnswer) && !(error instanceof BrokerRefusal)) throw error
        if (this.#stopped) throw new StatefunError('SF_ENGINE_NOT_RUNNING', 'the egress is stopped')
        await this.#client.pause(PAUSE_MS)
      }
    }
  }

  /** Comes again while somebody else's transaction is being completed. */
  async #repeat<T>(request: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await request()
      } catch (error) {
        const code = error instanceof BrokerRefusal ? error.code : undefined
        if (code !== 'CONCURRENT_TRANSACTIONS' && code !== 'UNSTABLE_OFFSET_COMMIT') throw error
        await this.#client.pause(PAUSE_MS)
      }
    }
  }
}
