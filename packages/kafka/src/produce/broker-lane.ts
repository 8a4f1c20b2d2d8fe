import type { Cluster } from '../cluster/cluster.ts'
import { ERROR } from '../cluster/protocol-error.ts'
import type { ProducerSettings } from '../properties/producer-properties.ts'
import type { OutgoingBatch } from './outgoing-batch.ts'
import type { OutgoingPartition } from './outgoing-partition.ts'
import { type PartitionBatch, produceBatches } from './produce-call.ts'

/** No request grows beyond this, however many partitions have something to send. */
const MAX_REQUEST_BYTES = 8 << 20

/** What a lane tells its egress. */
export interface LaneOwner {
  acknowledged(partition: OutgoingPartition, batch: OutgoingBatch): void
  /** The broker refused the batch; it is still the head. */
  refused(partition: OutgoingPartition, batch: OutgoingBatch, errorCode: number, message: string | null): void
  /** A request ended, so that its partitions may be sent again, also by other lanes. */
  idle(): void
  /** The connection broke; whether the broker took the batch is not known. */
  lost(partition: OutgoingPartition, batch: OutgoingBatch, error: unknown): void
}

/**
 * Sends the batches of the partitions that one broker leads. At most one request is under way: what gathers meanwhile
 * makes the next one larger, and order and sequence numbers need no bookkeeping beyond the head of each queue.
 */
export class BrokerLane {
  readonly nodeId: number
  /** Partitions with something to send. */
  readonly waiting = new Set<OutgoingPartition>()
  readonly #cluster: Pick<Cluster, 'connection'>
  readonly #settings: ProducerSettings
  readonly #owner: LaneOwner
  #busy = false
  #stopped = false

  constructor(
    nodeId: number,
    cluster: Pick<Cluster, 'connection'>,
    settings: ProducerSettings,
    owner: LaneOwner,
  ) {
    this.nodeId = nodeId
    this.#cluster = cluster
    this.#settings = settings
    this.#owner = owner
  }

  /** Nothing more is sent; what is under way may still be answered. */
  stop(): void {
    this.#stopped = true
  }

  /** Starts a request with all that is gathered, unless one is under way. */
  pump(): void {
    if (this.#busy || this.#stopped || this.waiting.size === 0) return
    const partitions: OutgoingPartition[] = []
    for (const partition of this.waiting) {
      if (partition.head === undefined) this.waiting.delete(partition)
      else if (!partition.inFlight && partition.leader === this.nodeId && !partition.blocked) {
        partitions.push(partition)
      }
    }
    if (partitions.length === 0) return
    for (const partition of partitions) partition.inFlight = true
    this.#busy = true
    void this.#send(partitions)
  }

  async #send(partitions: readonly OutgoingPartition[]): Promise<void> {
    const sent: { readonly partition: OutgoingPartition; readonly head: OutgoingBatch }[] = []
    try {
      const connection = await this.#cluster.connection(this.nodeId, 'produce')
      const batches: PartitionBatch[] = []
      let size = 0
      for (const partition of partitions) {
        const head = partition.head
        if (head === undefined) continue
        if (size > 0 && size + head.builder.size > MAX_REQUEST_BYTES) break
        const batch = partition.headBytes(head)
        size += batch.length
        head.attempts++
        sent.push({ partition, head })
        batches.push({ topic: partition.topic, index: partition.index, batch })
      }
      const { acks, client, transactionalId } = this.#settings
      const { requestTimeoutMs } = client
      const answers = await produceBatches(connection, batches, acks, requestTimeoutMs, transactionalId)
      const byName = new Map(answers.map((answer) => [`${answer.topic}/${answer.index}`, answer]))
      for (const { partition, head } of sent) {
        const answer = byName.get(`${partition.topic}/${partition.index}`)
        const errorCode = acks === 0 ? ERROR.none : (answer?.errorCode ?? ERROR.networkException)
        if (errorCode === ERROR.none || errorCode === ERROR.duplicateSequence) {
          this.#owner.acknowledged(partition, head)
        } else this.#owner.refused(partition, head, errorCode, answer?.message ?? null)
      }
    } catch (error) {
      // Before anything was sent, the partitions that were to be sent are the ones that wait.
      if (sent.length === 0) {
        for (const partition of partitions) {
          const { head } = partition
          if (head === undefined) continue
          head.attempts++
          this.#owner.lost(partition, head, error)
        }
      } else for (const { partition, head } of sent) this.#owner.lost(partition, head, error)
    } finally {
      this.#busy = false
      for (const partition of partitions) partition.inFlight = false
      // A full turn of request and answer: what gathered goes at once, partitions that came first last time come last.
      for (const { partition } of sent) if (this.waiting.delete(partition)) this.waiting.add(partition)
      this.#owner.idle()
    }
  }
}
