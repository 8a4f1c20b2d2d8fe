import { backoffMs } from '@statefun/engine'
import type { StatefunError } from '@statefun/protocol'
import type { KinesisPartition } from '../kinesis-partition.ts'
import { FIRST_RETRY_MS, LONGEST_RETRY_MS, MISSING_TRIES } from '../reads/read-failures.ts'
import { Sleeper } from '../sleeper.ts'
import { FetchSize } from './fetch-size.ts'
import type { Reader, ReaderContext, ReaderOwner } from './reader.ts'
import { ShardPace } from './shard-pace.ts'

/** Reads a shard with GetRecords: one call at a time, as often as its {@link ShardPace} allows and as there is room. */
export class PollingReader implements Reader {
  readonly partition: KinesisPartition
  behindMs = 0
  readonly #context: ReaderContext
  readonly #owner: ReaderOwner
  readonly #sleeper: Sleeper
  readonly #pace: ShardPace
  readonly #size: FetchSize
  readonly #abort = new AbortController()
  #iterator: string | undefined
  /** The iterator was refused, and there is a new one that was not used yet. */
  #renewed = false
  #failures = 0
  #done = false

  /** @param iterator the first one, when the caller has it already */
  constructor(partition: KinesisPartition, context: ReaderContext, owner: ReaderOwner, iterator?: string) {
    this.partition = partition
    this.#context = context
    this.#owner = owner
    this.#iterator = iterator
    this.#sleeper = new Sleeper(context.clock)
    this.#pace = new ShardPace(context.pace)
    this.#size = new FetchSize(context.mostRecords)
  }

  wake(): void {
    this.#sleeper.wake()
  }

  stop(): void {
    this.#done = true
    this.#abort.abort()
    this.#sleeper.wake()
  }

  async run(): Promise<void> {
    const { clock, budget } = this.#context
    while (!this.#done) {
      const room = budget.roomFor(this.partition)
      const wait = room === 0 ? Number.POSITIVE_INFINITY : this.#pace.wait(clock.monotonic())
      if (wait > 0) await this.#sleeper.sleep(wait)
      else if (this.#iterator === undefined) await this.#askForIterator()
      else await this.#fetch(this.#iterator, room)
    }
  }

  async #askForIterator(): Promise<void> {
    const { reads, stream } = this.#context
    const { shard, fetchFrom } = this.partition
    try {
      this.#iterator = await reads.shardIterator(stream, shard.id, fetchFrom, this.#abort.signal)
      this.#answered()
    } catch (error) {
      await this.#recover(error, 'GetShardIterator')
    }
  }

  async #fetch(iterator: string, room: number): Promise<void> {
    const { reads, stream, clock, budget, metrics } = this.#context
    const sent = clock.monotonic()
    try {
      const limit = this.#size.recordsFor(room)
      const answer = await reads.getRecords(stream, iterator, limit, this.#abort.signal)
      if (this.#done) return
      const { records, behindMs } = answer
      let bytes = 0
      for (const { data } of records) bytes += data.length
      this.#answered()
      this.#renewed = false
      this.#iterator = answer.nextIterator
      this.#size.came(records.length, bytes)
      this.#pace.answered(sent, bytes, behindMs === 0)
      this.behindMs = behindMs
      metrics.bytes.inc(bytes)
      budget.add(this.partition.add(records))
      if (answer.nextIterator === undefined) {
        this.#done = true
        this.behindMs = 0
        this.#owner.ended(this.partition, answer.children)
      }
      if (records.length > 0) this.#owner.ready(this.partition)
    } catch (error) {
      await this.#recover(error, 'GetRecords')
    }
  }

  #answered(): void {
    this.#failures = 0
    this.#context.failures.answered()
  }

  async #recover(error: unknown, operation: string): Promise<void> {
    if (this.#done) return
    const { failures, clock, random, metrics } = this.#context
    const verdict = failures.judge(error, operation, this.partition.shard.id)
    switch (verdict.what) {
      case 'throttled':
        metrics.throttled.inc()
        this.#pace.throttled(clock.monotonic(), random())
        return
      case 'expired':
        this.#iterator = undefined
        return
      case 'missing':
        if (await this.#isGone()) return
        if (this.#failures >= MISSING_TRIES) return this.#fail(verdict.error)
        break
      case 'fatal':
        // An iterator of before a restart of what stands in for Kinesis is refused as none at all.
        if (verdict.renew && !this.#renewed) {
          this.#renewed = true
          this.#iterator = undefined
          return
        }
        return this.#fail(verdict.error)
      case 'passing':
    }
    await this.#sleeper.sleep(backoffMs(++this.#failures, FIRST_RETRY_MS, LONGEST_RETRY_MS, random))
  }

  #fail(error: StatefunError): void {
    this.#done = true
    this.#owner.failed(error)
  }

  async #isGone(): Promise<boolean> {
    if (!(await this.#owner.gone(this.partition))) return false
    this.#done = true
    return true
  }
}
