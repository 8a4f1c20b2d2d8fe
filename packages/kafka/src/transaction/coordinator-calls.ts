import type { Connection } from '@platformatic/kafka'
import type { Marker } from '@statefun/engine'
import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  endTxnV3,
  initProducerIdV4,
  offsetFetchV8,
  txnOffsetCommitV3,
} from '../cluster/client-library.ts'
import type { Cluster, CoordinatorKind } from '../cluster/cluster.ts'
import { ERROR, protocolCodeOf } from '../cluster/protocol-error.ts'
import { classifyError } from './classify-error.ts'
import { decodeMarkerMetadata, encodeMarkerMetadata } from './marker-metadata.ts'
import { SessionError } from './transaction-session.ts'

/** The names by which an egress is known to its cluster; the same for every incarnation. */
export interface TransactionNames {
  readonly egress: string
  readonly transactionalId: string
  /** Group whose committed offset is the marker. */
  readonly group: string
  /** Topic whose partition 0 that offset is committed for. */
  readonly topic: string
}

/** What InitProducerId gave. */
export interface ProducerStamp {
  readonly producerId: bigint
  readonly producerEpoch: number
}

/** A partition to add to a transaction. */
export interface TransactionPartition {
  readonly topic: string
  readonly index: number
}

/**
 * The calls to the coordinators of the transactional id and of the marker group. Each makes one attempt and throws what
 * {@link classifyError} makes of a failure.
 */
export class CoordinatorCalls {
  readonly #cluster: Cluster
  readonly #names: TransactionNames
  readonly #keys: Readonly<Record<CoordinatorKind, string>>
  readonly #nodes = new Map<CoordinatorKind, Promise<number>>()

  constructor(cluster: Cluster, names: TransactionNames) {
    this.#cluster = cluster
    this.#names = names
    this.#keys = { transaction: names.transactionalId, group: names.group }
  }

  /** Looks the coordinators up again. */
  forget(): void {
    this.#nodes.clear()
  }

  initProducerId(timeoutMs: number): Promise<ProducerStamp> {
    return this.#call('transaction', 'InitProducerId', (connection) =>
      initProducerIdV4.api.async(connection, this.#names.transactionalId, timeoutMs),
    )
  }

  async addPartitions(stamp: ProducerStamp, partitions: readonly TransactionPartition[]): Promise<void> {
    const { transactionalId } = this.#names
    const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, members]) => ({
      name,
      partitions: members.map(({ index }) => index),
    }))
    const names = `AddPartitionsToTxn, topics [${topics.map(({ name }) => name).join(', ')}]`
    await this.#call('transaction', names, (connection) =>
      addPartitionsToTxnV3.api.async(connection, [{ transactionalId, ...stamp, verifyOnly: false, topics }]),
    )
  }

  async addMarker({ producerId, producerEpoch }: ProducerStamp): Promise<void> {
    const { transactionalId, group } = this.#names
    await this.#call('transaction', 'AddOffsetsToTxn', (connection) =>
      addOffsetsToTxnV3.api.async(connection, transactionalId, producerId, producerEpoch, group),
    )
  }

  async commitMarker({ producerId, producerEpoch }: ProducerStamp, marker: Marker): Promise<void> {
    const { transactionalId, group, topic } = this.#names
    const partition = {
      partitionIndex: 0,
      committedOffset: BigInt(marker.epoch),
      committedLeaderEpoch: -1,
      committedMetadata: encodeMarkerMetadata(marker),
    }
    const topics = [{ name: topic, partitions: [partition] }]
    await this.#call('group', 'TxnOffsetCommit', (connection) =>
      txnOffsetCommitV3.api.async(
        connection,
        transactionalId,
        group,
        producerId,
        producerEpoch,
        -1,
        '',
        null,
        topics,
      ),
    )
  }

  async fetchMarker(stable: boolean): Promise<Marker | undefined> {
    const { group, topic } = this.#names
    const request = { groupId: group, memberEpoch: -1, topics: [{ name: topic, partitionIndexes: [0] }] }
    const response = await this.#call('group', 'OffsetFetch', (connection) =>
      offsetFetchV8.api.async(connection, [request], stable),
    )
    const found = response.groups[0]?.topics[0]?.partitions[0]
    if (found === undefined || found.committedOffset < 0n) return undefined
    return { ...decodeMarkerMetadata(found.metadata, group), epoch: Number(found.committedOffset) }
  }

  /** Commits. Whatever goes wrong but being fenced leaves open whether it was done. */
  async endTransaction({ producerId, producerEpoch }: ProducerStamp): Promise<void> {
    try {
      await this.#call('transaction', 'EndTxn', (connection) =>
        endTxnV3.api.async(connection, this.#names.transactionalId, producerId, producerEpoch, true),
      )
    } catch (error) {
      if (error instanceof SessionError && error.trouble === 'retry') {
        throw new SessionError('broken', error.message, { cause: error })
      }
      throw error
    }
  }

  async #call<T>(
    kind: CoordinatorKind,
    what: string,
    call: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    try {
      return await call(await this.#connection(kind))
    } catch (error) {
      const code = protocolCodeOf(error)
      // It went away or moved. Most other refusals are about the transaction before, which takes a moment to end.
      if (code === undefined || code === ERROR.notCoordinator || code === ERROR.coordinatorNotAvailable) {
        this.#nodes.delete(kind)
      }
      const { egress } = this.#names
      throw classifyError(error, egress, `${what} of ${kind} ${this.#keys[kind]}`)
    }
  }

  async #connection(kind: CoordinatorKind): Promise<Connection> {
    let node = this.#nodes.get(kind)
    if (node === undefined) {
      node = this.#cluster.coordinator(kind, this.#keys[kind])
      this.#nodes.set(kind, node)
      node.catch(() => this.#nodes.delete(kind))
    }
    return this.#cluster.connection(await node, kind)
  }
}
