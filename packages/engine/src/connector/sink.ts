import type { Address, StatefunError, TypedValue } from '@statefun/protocol'

/** What a sink tells the engine. */
export interface SinkListener {
  /** {@link Sink.saturated} became false. */
  drained(): void
  /** A record could not be delivered within the egress's own limits; the job restarts from its last checkpoint. */
  failed(error: StatefunError): void
}

/** An egress with at-least-once (or weaker) delivery: records leave when they are written. */
export interface Sink {
  /** The egress id of module.yaml. */
  readonly id: string
  start(listener: SinkListener): Promise<void>
  /**
   * Takes a record; order of calls is the order per topic and key.
   *
   * @param sender whose record it is, for errors
   * @throws StatefunError when the value is not one this egress accepts (contract 2.3)
   */
  write(value: TypedValue, sender?: Address): void
  /** True while so much is unacknowledged that the engine should take no more input. */
  readonly saturated: boolean
  /** Sends what is gathered now without waiting for more; the engine calls it at the end of every turn. */
  nudge(): void
  /**
   * Settles when everything written before this call is acknowledged (an epoch may then become durable); rejects when that
   * fails or the sink is stopped before.
   */
  flush(): Promise<void>
  /** Flushes nothing; closes connections. Idempotent. */
  stop(): Promise<void>
}
