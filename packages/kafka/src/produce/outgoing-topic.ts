import { partitionForKey } from '@statefun/engine'
import type { TopicMetadata } from '../cluster/cluster.ts'
import type { RecordRanges } from '../record-batch/batch-builder.ts'
import { type OutgoingContext, OutgoingPartition } from './outgoing-partition.ts'

/** A topic that records go to, with its partitions as far as they are known. */
export class OutgoingTopic {
  readonly name: string
  /** Values that wait until the topic's partitions are known. */
  readonly pending: Uint8Array[] = []
  /** `performance.now()` of the first of {@link pending}. */
  pendingSince = 0
  readonly #context: OutgoingContext
  readonly #partitions: OutgoingPartition[] = []
  #sticky: OutgoingPartition | undefined

  constructor(name: string, context: OutgoingContext) {
    this.name = name
    this.#context = context
  }

  /** False until metadata was applied. */
  get known(): boolean {
    return this.#partitions.length > 0
  }

  /** Takes the partitions and leaders; returns the partitions whose leader changed. */
  apply(metadata: TopicMetadata): readonly OutgoingPartition[] {
    const moved: OutgoingPartition[] = []
    for (const { index, leader } of metadata.partitions) {
      this.#partitions[index] ??= new OutgoingPartition(this.name, index, this.#context)
      const partition = this.#partitions[index]
      if (partition.leader === leader) continue
      partition.leader = leader
      moved.push(partition)
    }
    return moved
  }

  /** Java's default partitioner: by key, and without key one partition until its batch is closed. */
  choose(record: RecordRanges): OutgoingPartition {
    const count = this.#partitions.length
    if (record.keyStart >= 0) {
      return this.#partitions[partitionForKey(record.bytes, record.keyStart, record.keyEnd, count)]!
    }
    if (this.#sticky?.open !== true) {
      const available = this.#partitions.filter(({ leader }) => leader >= 0)
      const candidates = available.length > 0 ? available : this.#partitions
      this.#sticky = candidates[Math.floor(Math.random() * candidates.length)]!
    }
    return this.#sticky
  }
}
