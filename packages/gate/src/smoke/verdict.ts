import type { VerificationResult } from './gen/smoke_pb.ts'

/** What came of one instance. */
export interface InstanceVerdict {
  readonly id: number
  /**
   * - `exact`: its count is what it must be, and so are its records where the engine emits exactly once
   * - `over-counted`: work was done twice, or a cancelled message came; no later report can mend it
   * - `unfinished`: it reported less, or nothing, when the time was up: work was lost or not done in time
   * - `records`: its count is right, the number of its records is not
   */
  readonly verdict: 'exact' | 'over-counted' | 'unfinished' | 'records'
  readonly expected: bigint
  /** What it reported last; undefined when it never did. */
  readonly actual: bigint | undefined
  /** Records to `discard-sink` and `verification-sink`. */
  readonly records: { readonly expected: number; readonly actual: number }
}

/** What is known of an instance so far. */
interface Entry {
  /** Reports it was asked for, and those that came. */
  asked: number
  answered: number
  /** Records of `discard-sink` that came. */
  discarded: number
  /** What it reported last, since the round began. */
  reported: bigint | undefined
}

/** Follows what instances report, next to a model that may still be growing. */
export class VerdictBook {
  readonly #counts: ReadonlyMap<number, bigint>
  readonly #entries: ReadonlyMap<number, Entry>
  #overCounted: number | undefined
  #asked = 0
  #answers = 0
  #discards = 0

  /** @param counts of the model, by id: looked at when a report comes */
  constructor(counts: ReadonlyMap<number, bigint>) {
    this.#counts = counts
    this.#entries = new Map(
      [...counts.keys()].map((id) => [id, { asked: 0, answered: 0, discarded: 0, reported: undefined }]),
    )
  }

  /** Reports that were asked for. */
  get asked(): number {
    return this.#asked
  }

  /** Reports that came. */
  get answers(): number {
    return this.#answers
  }

  /** Records of `discard-sink` that came. */
  get discards(): number {
    return this.#discards
  }

  /** An instance that counted more than it was ever told to. */
  get overCounted(): number | undefined {
    return this.#overCounted
  }

  /** True once every instance has reported a count that is right for now. */
  get settled(): boolean {
    for (const [id, { reported }] of this.#entries) if (reported !== this.#counts.get(id)) return false
    return true
  }

  ask(id: number): void {
    this.#asked++
    this.#entries.get(id)!.asked++
  }

  /** Takes a report; one of an instance of another test is passed over. */
  report({ id, actual }: VerificationResult): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    this.#answers++
    entry.answered++
    entry.reported = actual
    // A report may be older than the last commands, never ahead of them.
    if (actual > this.#counts.get(id)!) this.#overCounted ??= id
  }

  /** Takes a record of `discard-sink`; one of an instance of another test is passed over. */
  discard(id: number): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    this.#discards++
    entry.discarded++
  }

  /** Forgets what was reported: the next round has to say it again. */
  beginRound(): void {
    for (const entry of this.#entries.values()) entry.reported = undefined
  }

  /**
   * @param discarded of the model, by id
   * @param exactlyOnce false where records may come twice
   */
  verdicts(discarded: ReadonlyMap<number, number>, exactlyOnce: boolean): InstanceVerdict[] {
    return [...this.#entries].map(([id, entry]) => {
      const expected = this.#counts.get(id)!
      const actual = entry.reported
      const records = {
        expected: discarded.get(id)! + entry.asked,
        actual: entry.discarded + entry.answered,
      }
      const enough = exactlyOnce ? records.actual === records.expected : records.actual >= records.expected
      return { id, verdict: verdictOf(expected, actual, enough), expected, actual, records }
    })
  }
}

function verdictOf(
  expected: bigint,
  actual: bigint | undefined,
  enoughRecords: boolean,
): InstanceVerdict['verdict'] {
  if (actual === undefined || actual < expected) return 'unfinished'
  if (actual > expected) return 'over-counted'
  return enoughRecords ? 'exact' : 'records'
}
