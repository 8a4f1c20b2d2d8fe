import type { Marker } from '../../../packages/engine/src/connector/transactional-sink.ts'
import type { Surroundings } from '../process.ts'
import type { Random } from '../random.ts'
import type { Scheduled } from '../scheduler.ts'
import { OutputLog, type Transaction } from './output-log.ts'

/** What a broker says instead of doing it; Kafka's names. */
export type BrokerError =
  | 'COORDINATOR_LOADING'
  | 'CONCURRENT_TRANSACTIONS'
  | 'UNSTABLE_OFFSET_COMMIT'
  | 'PRODUCER_FENCED'
  | 'INVALID_TXN_STATE'
  | 'OUT_OF_ORDER_SEQUENCE'

/** Thrown by {@link SimBroker} for a request that it refuses. */
export class BrokerRefusal extends Error {
  readonly code: BrokerError

  constructor(code: BrokerError) {
    super(code)
    this.code = code
  }
}

export interface ProducerIdentity {
  readonly id: number
  readonly epoch: number
}

interface Producer {
  id: number
  epoch: number
  timeoutMs: number
  transaction: Transaction | undefined
  readonly partitions: Set<string>
  /** Next sequence number by partition. */
  sequences: Map<string, number>
  group: string | undefined
  pendingMarker: Marker | undefined
  timeout: Scheduled | undefined
}

/** A Kafka cluster: output partitions, transactions of producers, markers of groups (KIP-98, KIP-447). */
export class SimBroker {
  readonly #around: Surroundings
  readonly #random: Random
  readonly #producers = new Map<string, Producer>()
  readonly #outputs = new Map<string, OutputLog>()
  readonly #markers = new Map<string, Marker>()
  #nextProducer = 1
  /** Mean milliseconds of a request, and how likely it or its answer is lost. */
  latency = 1
  loss = 0
  available = true
  /** Milliseconds from the acknowledgement of a commit to its visibility. */
  completion = 1
  /** Told of each transaction that became visible or was taken back. */
  onEnd: () => void = () => undefined

  constructor(around: Surroundings, random: Random) {
    this.#around = around
    this.#random = random
  }

  /** How long the next request takes. */
  delay(): number {
    return this.#random.delay(this.latency)
  }

  output(name: string): OutputLog {
    let log = this.#outputs.get(name)
    if (log === undefined) {
      log = new OutputLog()
      this.#outputs.set(name, log)
    }
    return log
  }

  /** Fences earlier producers of this id and takes back what they left open. */
  initProducerId(transactionalId: string, timeoutMs: number): ProducerIdentity {
    const producer = this.#producers.get(transactionalId)
    if (producer === undefined) {
      const made: Producer = {
        id: this.#nextProducer++,
        epoch: 0,
        timeoutMs,
        transaction: undefined,
        partitions: new Set(),
        sequences: new Map(),
        group: undefined,
        pendingMarker: undefined,
        timeout: undefined,
      }
      this.#producers.set(transactionalId, made)
      return { id: made.id, epoch: 0 }
    }
    if (producer.transaction?.state === 'committing') throw new BrokerRefusal('CONCURRENT_TRANSACTIONS')
    producer.epoch++
    if (producer.transaction !== undefined) {
      this.#abort(producer)
      // The abort takes its time; Kafka asks the client to come again.
      if (this.#random.chance(0.5)) throw new BrokerRefusal('CONCURRENT_TRANSACTIONS')
    }
    producer.timeoutMs = timeoutMs
    producer.sequences = new Map()
    return { id: producer.id, epoch: producer.epoch }
  }

  addPartitions(transactionalId: string, identity: ProducerIdentity, partitions: readonly string[]): void {
    const producer = this.#open(transactionalId, identity)
    for (const partition of partitions) producer.partitions.add(partition)
  }

  produce(
    transactionalId: string,
    identity: ProducerIdentity,
    partition: string,
    sequence: number,
    values: readonly string[],
  ): void {
    const producer = this.#current(transactionalId, identity)
    if (producer.transaction?.state !== 'open' || !producer.partitions.has(partition)) {
      throw new BrokerRefusal('INVALID_TXN_STATE')
    }
    const expected = producer.sequences.get(partition) ?? 0
    // A repetition of what is there is acknowledged once more.
    if (sequence < expected) return
    if (sequence !== expected) throw new BrokerRefusal('OUT_OF_ORDER_SEQUENCE')
    producer.sequences.set(partition, expected + values.length)
    for (const value of values) this.output(partition).append(value, producer.transaction)
  }

  addOffsets(transactionalId: string, identity: ProducerIdentity, group: string): void {
    this.#open(transactionalId, identity).group = group
  }

  commitOffset(transactionalId: string, identity: ProducerIdentity, group: string, marker: Marker): void {
    const producer = this.#current(transactionalId, identity)
    if (producer.transaction?.state !== 'open' || producer.group !== group) {
      throw new BrokerRefusal('INVALID_TXN_STATE')
    }
    producer.pendingMarker = marker
  }

  end(transactionalId: string, identity: ProducerIdentity, commit: boolean): void {
    const producer = this.#current(transactionalId, identity)
    if (producer.transaction === undefined) throw new BrokerRefusal('INVALID_TXN_STATE')
    if (producer.transaction.state === 'committing') throw new BrokerRefusal('CONCURRENT_TRANSACTIONS')
    if (!commit) {
      this.#abort(producer)
      return
    }
    producer.transaction.state = 'committing'
    producer.timeout?.cancel()
    this.#around.scheduler.after(this.#random.delay(this.completion), () => {
      this.#end(producer, 'committed')
    })
  }

  /**
   * The marker of a group.
   *
   * @param stable whether to refuse while a transaction may still change it
   */
  fetchOffset(group: string, stable: boolean): Marker | undefined {
    for (const { group: pending, pendingMarker } of this.#producers.values()) {
      if (stable && pending === group && pendingMarker !== undefined) {
        throw new BrokerRefusal('UNSTABLE_OFFSET_COMMIT')
      }
    }
    return this.#markers.get(group)
  }

  /** Takes records outside of transactions. */
  send(partition: string, values: readonly string[]): void {
    const log = this.output(partition)
    for (const value of values) log.append(value, undefined)
    log.advance()
  }

  #current(transactionalId: string, { id, epoch }: ProducerIdentity): Producer {
    const producer = this.#producers.get(transactionalId)
    if (producer?.id !== id || producer.epoch !== epoch) throw new BrokerRefusal('PRODUCER_FENCED')
    return producer
  }

  /** The producer with a transaction that is open; begins one. */
  #open(transactionalId: string, identity: ProducerIdentity): Producer {
    const producer = this.#current(transactionalId, identity)
    if (producer.transaction?.state === 'committing') throw new BrokerRefusal('CONCURRENT_TRANSACTIONS')
    if (producer.transaction === undefined) {
      producer.transaction = { state: 'open' }
      producer.timeout = this.#around.scheduler.after(producer.timeoutMs, () => {
        this.#around.trace.note('broker', 'times out', transactionalId)
        producer.epoch++
        this.#abort(producer)
      })
    }
    return producer
  }

  #abort(producer: Producer): void {
    producer.timeout?.cancel()
    this.#end(producer, 'aborted')
  }

  #end(producer: Producer, state: 'committed' | 'aborted'): void {
    const { group, pendingMarker } = producer
    producer.transaction!.state = state
    producer.transaction = undefined
    for (const partition of producer.partitions) this.output(partition).advance()
    producer.partitions.clear()
    if (state === 'committed' && group !== undefined && pendingMarker !== undefined) {
      this.#markers.set(group, pendingMarker)
    }
    producer.group = undefined
    producer.pendingMarker = undefined
    this.onEnd()
  }
}
