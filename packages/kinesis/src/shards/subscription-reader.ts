import { backoffMs } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import type { KinesisPartition } from '../kinesis-partition.ts'
import type { KinesisSubscriptions, SubscriptionEvent } from '../reads/kinesis-subscriptions.ts'
import { LONGEST_RETRY_MS, MISSING_TRIES } from '../reads/read-failures.ts'
import { Sleeper } from '../sleeper.ts'
import type { Reader, ReaderContext, ReaderOwner } from './reader.ts'

/** AWS hands out an event every five seconds at least. */
const SILENCE_MS = 30_000
const FIRST_RETRY_MS = 500

/** Reads a shard by enhanced fan-out: records are pushed, and nobody shares the 2 MB a second of the shard. */
export class SubscriptionReader implements Reader {
  readonly partition: KinesisPartition
  behindMs = 0
  readonly #context: ReaderContext
  readonly #owner: ReaderOwner
  readonly #subscriptions: KinesisSubscriptions
  readonly #consumerArn: string
  readonly #sleeper: Sleeper
  #abort = new AbortController()
  #failures = 0
  #done = false

  constructor(
    partition: KinesisPartition,
    context: ReaderContext,
    owner: ReaderOwner,
    subscriptions: KinesisSubscriptions,
    consumerArn: string,
  ) {
    this.partition = partition
    this.#context = context
    this.#owner = owner
    this.#subscriptions = subscriptions
    this.#consumerArn = consumerArn
    this.#sleeper = new Sleeper(context.clock)
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
    while (!this.#done) {
      try {
        await this.#subscription()
      } catch (error) {
        await this.#recover(error)
      }
    }
  }

  /** One subscription, to its end after five minutes or that of the shard. */
  async #subscription(): Promise<void> {
    const { clock, failures } = this.#context
    const { shard, fetchFrom } = this.partition
    this.#abort = new AbortController()
    const { signal } = this.#abort
    const silence = () =>
      clock.after(SILENCE_MS, () => this.#abort.abort(new Error('no event came for a while')))
    let heard = silence()
    let came = false
    try {
      const events = await this.#subscriptions.subscribe(this.#consumerArn, shard.id, fetchFrom, signal)
      for await (const event of events) {
        heard()
        came = true
        failures.answered()
        this.#failures = 0
        this.#received(event)
        if (event.atEnd) return this.#ended(event)
        // Nothing is asked of the connection meanwhile: it fills up, and Kinesis waits.
        while (!this.#done && this.#context.budget.roomFor(this.partition) === 0) {
          await this.#sleeper.sleep(Number.POSITIVE_INFINITY)
        }
        if (this.#done) return
        heard = silence()
      }
    } finally {
      heard()
      this.#abort.abort()
    }
    if (!came) throw new Error('the subscription ended before an event came')
  }

  #received({ records, behindMs }: SubscriptionEvent): void {
    if (this.#done) return
    const { budget, metrics } = this.#context
    let bytes = 0
    for (const { data } of records) bytes += data.length
    this.behindMs = behindMs
    metrics.bytes.inc(bytes)
    budget.add(this.partition.add(records))
    if (records.length > 0) this.#owner.ready(this.partition)
  }

  #ended({ children }: SubscriptionEvent): void {
    this.#done = true
    this.behindMs = 0
    this.#owner.ended(this.partition, children)
  }

  async #recover(error: unknown): Promise<void> {
    if (this.#done) return
    const { failures, metrics, random } = this.#context
    const verdict = failures.judge(error, 'SubscribeToShard', this.partition.shard.id)
    if (verdict.what === 'throttled') metrics.throttled.inc()
    if (verdict.what === 'missing') {
      if (await this.#owner.gone(this.partition)) {
        this.#done = true
        return
      }
      if (this.#failures >= MISSING_TRIES) return this.#fail(this.#noConsumer(verdict.error))
    }
    if (verdict.what === 'fatal') return this.#fail(verdict.error)
    await this.#sleeper.sleep(backoffMs(++this.#failures, FIRST_RETRY_MS, LONGEST_RETRY_MS, random))
  }

  #fail(error: StatefunError): void {
    this.#done = true
    this.#owner.failed(error)
  }

  /** The stream and the shard are there: what Kinesis does not find is the consumer. */
  #noConsumer({ where = '', message }: StatefunError): StatefunError {
    return new StatefunError(
      'SF_KINESIS_NO_CONSUMER',
      `the consumer ${this.#consumerArn} is not there any more: ${message}`,
      { where, hint: 'the next start registers it, unless source.efo.lifecycle is SELF_MANAGED' },
    )
  }
}
