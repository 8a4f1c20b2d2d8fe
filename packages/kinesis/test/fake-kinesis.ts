import { hashKeyOf } from '../src/aggregate/hash-range.ts'
import type {
  FetchedRecord,
  FetchedRecords,
  KinesisReads,
  ReadFrom,
  StreamRef,
} from '../src/reads/kinesis-reads.ts'
import type { Shard } from '../src/shards/shard.ts'

interface StoredRecord extends FetchedRecord {
  readonly arrivedMs: number
}

interface FakeShard {
  readonly id: string
  readonly parents: readonly string[]
  readonly first: bigint
  readonly last: bigint
  readonly records: StoredRecord[]
  closed: boolean
}

/** An error as the SDK throws it. */
export function sdkError(name: string, status = 400): Error {
  return Object.assign(new Error(`${name} of the test`), { name, $metadata: { httpStatusCode: status } })
}

const LAST_HASH_KEY = (1n << 128n) - 1n

/** One stream in memory, with the ways of Kinesis, and faults on request. */
export class FakeKinesis implements KinesisReads {
  readonly shards: FakeShard[] = []
  /** Thrown by the next calls, one each. */
  readonly faults: Error[] = []
  /** Asked before every call; what it returns is thrown. */
  fault: () => Error | undefined = () => undefined
  /** Asked before records are handed out; what it returns is thrown. */
  readFault: () => Error | undefined = () => undefined
  /** Shards in the order in which they were closed, which is that in which Kinesis lets them go. */
  readonly closed: string[] = []
  /** The answer at the end of a shard names its children. */
  namesChildren = true
  calls = 0
  recordCalls = 0
  readonly #now: () => number
  #sequence = 1000
  #epoch = 0

  constructor(shards: number, now: () => number) {
    this.#now = now
    const width = (LAST_HASH_KEY + 1n) / BigInt(shards)
    for (let i = 0n; i < shards; i++) {
      const last = i === BigInt(shards) - 1n ? LAST_HASH_KEY : (i + 1n) * width - 1n
      this.#add(i * width, last, [])
    }
  }

  put(partitionKey: string, data: Uint8Array, explicitHashKey?: string): void {
    const hashKey = hashKeyOf({ partitionKey, explicitHashKey, data })
    const shard = this.shards.find((each) => !each.closed && each.first <= hashKey && hashKey <= each.last)!
    shard.records.push({ sequence: this.#next(), partitionKey, data, arrivedMs: this.#now() })
  }

  get open(): readonly FakeShard[] {
    return this.shards.filter(({ closed }) => !closed)
  }

  split(shard: FakeShard): void {
    const middle = (shard.first + shard.last) / 2n
    this.#close(shard)
    this.#add(shard.first, middle, [shard.id])
    this.#add(middle + 1n, shard.last, [shard.id])
  }

  /** Of two neighbours. */
  merge(left: FakeShard, right: FakeShard): void {
    this.#close(left)
    this.#close(right)
    this.#add(left.first, right.last, [left.id, right.id])
  }

  /** The shard is too old: it is gone. */
  trim(id: string): void {
    this.shards.splice(
      this.shards.findIndex((shard) => shard.id === id),
      1,
    )
  }

  /** Iterators that were handed out are refused from now on. */
  expireIterators(): void {
    this.#epoch++
  }

  async listShards(_stream: StreamRef, _signal: AbortSignal): Promise<Shard[]> {
    await this.#called()
    return this.shards.map(toShard)
  }

  async shardIterator(_stream: StreamRef, shardId: string, from: ReadFrom): Promise<string> {
    await this.#called()
    const { records } = this.#shard(shardId)
    return `${this.#epoch}|${shardId}|${startOf(records, from)}`
  }

  async getRecords(_stream: StreamRef, iterator: string, limit: number): Promise<FetchedRecords> {
    this.recordCalls++
    await this.#called()
    const error = this.readFault()
    if (error !== undefined) throw error
    const [epoch, id = '', at] = iterator.split('|')
    if (Number(epoch) < this.#epoch) throw sdkError('ExpiredIteratorException')
    const { records, closed } = this.#shard(id)
    const start = Number(at)
    const found = records.slice(start, start + limit)
    const end = start + found.length
    const atEnd = end >= records.length
    return {
      records: found,
      behindMs: atEnd ? 0 : 1000,
      nextIterator: atEnd && closed ? undefined : `${this.#epoch}|${id}|${end}`,
      children:
        atEnd && closed && this.namesChildren
          ? this.shards.filter(({ parents }) => parents.includes(id)).map(toShard)
          : [],
    }
  }

  close(): void {}

  #add(first: bigint, last: bigint, parents: readonly string[]): void {
    const id = `shardId-${String(this.#sequence++).padStart(12, '0')}`
    this.shards.push({ id, parents, first, last, records: [], closed: false })
  }

  #close(shard: FakeShard): void {
    shard.closed = true
    this.closed.push(shard.id)
  }

  #next(): string {
    return `4900000000000000000000000000000000000000000000000${this.#sequence++}`
  }

  #shard(id: string): FakeShard {
    const shard = this.shards.find((each) => each.id === id)
    if (shard === undefined) throw sdkError('ResourceNotFoundException')
    return shard
  }

  /** An answer takes its time: what happens meanwhile is what tests are about. */
  async #called(): Promise<void> {
    this.calls++
    await new Promise((resolve) => setImmediate(resolve))
    const error = this.faults.shift() ?? this.fault()
    if (error !== undefined) throw error
  }
}

function toShard({ id, parents, closed, first, last }: FakeShard): Shard {
  return { id, parents, closed, hashRange: { first, last } }
}

function startOf(records: readonly StoredRecord[], from: ReadFrom): number {
  if (from === 'latest') return records.length
  const orEnd = (index: number) => (index < 0 ? records.length : index)
  switch (from.at) {
    case 'trim-horizon':
      return 0
    case 'timestamp':
      return orEnd(records.findIndex(({ arrivedMs }) => arrivedMs >= from.epochMs))
    case 'after':
      return orEnd(records.findIndex(({ sequence }) => BigInt(sequence) > BigInt(from.sequence)))
    case 'within':
      return orEnd(records.findIndex(({ sequence }) => BigInt(sequence) >= BigInt(from.sequence)))
  }
}
