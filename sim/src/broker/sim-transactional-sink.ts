import { TransactionDriver, type TransactionSession } from '@statefun/kafka/transaction'
import type { Clock } from '../../../packages/engine/src/clock.ts'
import type { SinkListener } from '../../../packages/engine/src/connector/sink.ts'
import type {
  Marker,
  Publisher,
  TransactionalSink,
} from '../../../packages/engine/src/connector/transactional-sink.ts'
import type { Random } from '../random.ts'

export interface SimTransactionalSinkOptions {
  readonly name: string
  readonly session: TransactionSession
  readonly clock: Clock
  readonly random: Random
  readonly maxPendingBytes: number
}

/** An exactly-once egress: the Kafka connector's own decisions on simulated calls. */
export class SimTransactionalSink implements TransactionalSink {
  readonly id: string
  readonly maxPendingBytes: number
  readonly #driver: TransactionDriver

  constructor({ name, session, clock, random, maxPendingBytes }: SimTransactionalSinkOptions) {
    this.id = `sim/${name}`
    this.maxPendingBytes = maxPendingBytes
    this.#driver = new TransactionDriver({
      egress: this.id,
      session,
      clock,
      trouble: { began() {}, ended() {} },
      startTimeoutMs: 300,
      retryBackoffMs: 2,
      retryBackoffMaxMs: 50,
      random: () => random.float(),
    })
  }

  open(
    publisher: Publisher,
    _listener: SinkListener,
    accept?: (marker: Marker | undefined) => void,
  ): Promise<Marker | undefined> {
    return this.#driver.open(publisher, accept)
  }

  check(): void {}

  publish(epoch: number, values: Iterable<Uint8Array>): Promise<void> {
    return this.#driver.publish(epoch, values)
  }

  stop(): Promise<void> {
    return this.#driver.close()
  }
}
