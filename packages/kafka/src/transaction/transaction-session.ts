import type { Marker } from '@statefun/engine'

/**
 * What a call of a {@link TransactionSession} that failed means for the transaction.
 *
 * - `retry`: it had no effect, and the same call may succeed in a moment
 * - `fenced`: the broker knows a newer producer, because another one took over or because it gave up the transaction after
 *   its timeout; it does not say which
 * - `broken`: the transaction cannot go on, or nobody knows whether the call took effect (a lost connection, a timeout)
 */
export type SessionTrouble = 'retry' | 'fenced' | 'broken'

/** The one error by which a {@link TransactionSession} asks for a decision. All others end the publication. */
export class SessionError extends Error {
  readonly trouble: SessionTrouble

  /** @param message completes "cannot publish: …" */
  constructor(trouble: SessionTrouble, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SessionError'
    this.trouble = trouble
  }
}

/**
 * The steps of one transactional producer, without any decision about repeating them: those are the
 * {@link TransactionDriver}'s, so that it decides the same way with a broker and in a simulation.
 *
 * A transaction is `send` and `mark`, side by side, then `end`. Every method rejects with {@link SessionError} where a
 * repetition or a new beginning may help, and with StatefunError where neither does.
 */
export interface TransactionSession {
  /** Fences every earlier producer of this transactional id and settles what it left open: InitProducerId. */
  init(): Promise<void>
  /**
   * The marker that was committed last.
   *
   * @param stable true: after the end of every transaction that may still change it, so rather `retry` than an old one;
   *   false: whatever is committed now, without disturbing anybody
   */
  readMarker(stable: boolean): Promise<Marker | undefined>
  /**
   * Writes records in the transaction; settles when all are acknowledged, repeats within itself what can be repeated without
   * leaving the transaction. Never rejects with `retry`.
   */
  send(values: Iterable<Uint8Array>): Promise<void>
  /** Writes the marker in the transaction: AddOffsetsToTxn and TxnOffsetCommit. May be repeated. */
  mark(marker: Marker): Promise<void>
  /** Commits: EndTxn. Never rejects with `retry`: a commit must not be asked for twice. */
  end(): Promise<void>
  /** Drops all connections, so that calls under way reject; later calls make new ones. */
  reset(): void
  /** As {@link reset}, for good. Idempotent. */
  close(): Promise<void>
}
