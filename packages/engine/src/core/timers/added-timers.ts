import { Float64Pieces, Uint32Pieces } from './pieces.ts'
import type { TimerRecord } from './timer-record.ts'

/** Gives the record of a slot while the message with this sequence number is in it. */
export type FindRecord = (slot: number, sequence: number) => TimerRecord | undefined

/**
 * The delayed messages that were set in one epoch, in order. Those that waited when the epoch was cut can be read until it
 * is encoded, whatever becomes of them; those that left before are undefined.
 */
export class AddedTimers implements Iterable<TimerRecord | undefined> {
  readonly #slots = new Uint32Pieces()
  readonly #sequences = new Float64Pieces()
  readonly #find: FindRecord
  /** About how many bytes those that wait take in an epoch. */
  bytes = 0

  constructor(find: FindRecord) {
    this.#find = find
  }

  push(slot: number, sequence: number, bytes: number): void {
    this.#slots.push(slot)
    this.#sequences.push(sequence)
    this.bytes += bytes
  }

  /** The same view each time; see {@link TimerRecord}. */
  *[Symbol.iterator](): Generator<TimerRecord | undefined, void> {
    for (let i = 0; i < this.#slots.length; i++) yield this.#find(this.#slots.get(i), this.#sequences.get(i))
  }
}
