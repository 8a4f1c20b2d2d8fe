import type { Clock } from '@statefun/engine'
import type { ReadFrom } from '../src/reads/kinesis-reads.ts'
import type {
  KinesisSubscriptions,
  StreamConsumer,
  SubscriptionEvent,
} from '../src/reads/kinesis-subscriptions.ts'
import { type FakeKinesis, sdkError } from './fake-kinesis.ts'

const STREAM = { name: 'orders', arn: undefined }
const NEVER = new AbortController().signal
/** AWS ends a subscription after five minutes. */
const EVENTS = 300

/** Enhanced fan-out of a {@link FakeKinesis}: an event a second. */
export class FakeSubscriptions implements KinesisSubscriptions {
  readonly registered = new Set<string>()
  events = 0
  /** Thrown in place of an event. */
  fault: () => Error | undefined = () => undefined
  /** Thrown in place of a subscription. */
  refusal: () => Error | undefined = () => undefined
  /** Thrown in place of a registration. */
  registering: () => Error | undefined = () => undefined
  /** Subscriptions end at once. */
  empty = false
  subscribed = 0
  readonly #kinesis: FakeKinesis
  readonly #clock: Clock
  readonly #active = new Set<string>()

  constructor(kinesis: FakeKinesis, clock: Clock) {
    this.#kinesis = kinesis
    this.#clock = clock
  }

  async streamArn(): Promise<string> {
    return 'arn:aws:kinesis:us-east-1:000000000000:stream/orders'
  }

  async describeConsumer(arn: string, name: string): Promise<StreamConsumer | undefined> {
    if (!this.registered.has(name)) return undefined
    const active = this.#active.has(name)
    this.#active.add(name)
    return { arn: `${arn}/consumer/${name}`, active }
  }

  async registerConsumer(_arn: string, name: string): Promise<void> {
    const error = this.registering()
    if (error !== undefined) throw error
    this.registered.add(name)
  }

  async subscribe(
    consumerArn: string,
    shardId: string,
    from: ReadFrom,
    signal: AbortSignal,
  ): Promise<AsyncIterable<SubscriptionEvent>> {
    this.subscribed++
    const error = this.refusal()
    if (error !== undefined) throw error
    if (!consumerArn.includes('/consumer/')) throw sdkError('ResourceNotFoundException')
    const iterator = await this.#kinesis.shardIterator(STREAM, shardId, from)
    return this.#events(iterator, signal)
  }

  close(): void {}

  async *#events(first: string, signal: AbortSignal): AsyncIterable<SubscriptionEvent> {
    if (this.empty) return
    let iterator = first
    for (let count = 0; count < EVENTS; count++) {
      await this.#second(signal)
      const error = this.fault()
      if (error !== undefined) throw error
      const answer = await this.#kinesis.getRecords(STREAM, iterator, 50)
      this.events++
      const { records, behindMs, nextIterator, children } = answer
      yield { records, behindMs, children, atEnd: nextIterator === undefined }
      if (nextIterator === undefined) return
      iterator = nextIterator
    }
  }

  #second(signal = NEVER): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(1000, resolve)
      const abort = () => {
        cancel()
        reject(new Error('aborted'))
      }
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort, { once: true })
    })
  }
}
