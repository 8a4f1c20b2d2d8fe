import type { TypedValue } from '@statefun/protocol'
import type { Sink, SinkListener } from './sink.ts'

/** Who publishes: noted beside the epoch number, so that a takeover can be told from a transaction that took too long. */
export interface Publisher {
  /** Of the checkpoint: made when it began, kept across restarts, another one after a savepoint was restored. */
  readonly lineage: string
  /** Of this incarnation of the job. */
  readonly owner: string
}

/** What an egress's target remembers of the last publication. */
export interface Marker extends Publisher {
  /** The epoch whose records were published last. */
  readonly epoch: number
}

/**
 * An egress whose records become visible exactly once: the engine keeps them in the checkpoint (the outbox) and publishes
 * them, together with the number of their epoch, once that epoch is durable. After a crash the marker says where to go on, so
 * no transaction is ever resumed and a downtime may be as long as it likes.
 */
export interface TransactionalSink {
  /** The egress id of module.yaml. */
  readonly id: string
  /** Bytes that wait to be published from which the engine should take no more input. */
  readonly maxPendingBytes: number
  /**
   * Takes the egress: keeps every earlier publisher of this app and egress from going on, for good, also one that is alive, and
   * settles what it left open.
   *
   * @param accept is shown what was published last before anything is final; what it throws is thrown, and an engine that had
   *   the egress goes on with it. It may be asked again, when that engine published more meanwhile.
   * @returns what was published last, undefined when nothing ever was (or nobody remembers)
   * @throws StatefunError when it cannot be reached or is set up so that it cannot work
   */
  open(
    publisher: Publisher,
    listener: SinkListener,
    accept?: (marker: Marker | undefined) => void,
  ): Promise<Marker | undefined>
  /**
   * Called for every record when it is emitted; what passes must be publishable later.
   *
   * @throws StatefunError when the value is not one this egress accepts (contract 2.3)
   */
  check(value: TypedValue): void
  /**
   * Publishes records and the marker `epoch` in one transaction. Settles when they are published, however long the target is
   * away: it repeats by itself whatever can be repeated. Calls do not overlap. Without values only the marker is renewed.
   *
   * @param values the `value` bytes of what was checked, in order of emission; may be walked more than once,
   *   and may be overwritten once this has settled
   * @throws StatefunError `SF_ENGINE_FENCED` when another engine has taken over, others for what no repetition can mend
   */
  publish(epoch: number, values: Iterable<Uint8Array>): Promise<void>
  /** Ends what is under way and closes connections. Idempotent. */
  stop(): Promise<void>
}

/** Tells the two kinds of egress apart. */
export function isTransactional(sink: Sink | TransactionalSink): sink is TransactionalSink {
  return 'publish' in sink
}

/** Another engine has taken over: the one code after which an engine does not restart by itself. */
export const FENCED = 'SF_ENGINE_FENCED'
