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

/** Follows what instances report, next to a model that may still be growing. */
export class VerdictBook {
  readonly #counts: readonly bigint[]
  readonly #reported: (bigint | undefined)[]
  readonly #asked: number[]
  readonly #answered: number[]
  readonly #discarded: number[]
  #overCounted: number | undefined
  #answers = 0
  #discards = 0

  /** @param counts of the model: looked at when a report comes */
  constructor(counts: readonly bigint[]) {
    this.#counts = counts
    this.#reported = counts.map(() => undefined)
    this.#asked = counts.map(() => 0)
    this.#answered = counts.map(() => 0)
    this.#discarded = counts.map(() => 0)
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
    return this.#counts.every((count, id) => this.#reported[id] === count)
  }

  /** Reports that were asked for. */
  get asked(): number {
    return this.#asked.reduce((sum, each) => sum + each, 0)
  }

  ask(id: number): void {
    this.#asked[id]!++
  }

  /** Takes a report. */
  report({ id, actual }: VerificationResult): void {
    if (!(id in this.#counts)) return
    this.#answers++
    this.#answered[id]!++
    this.#reported[id] = actual
    // A report may be older than the last commands, never ahead of them.
    if (actual > this.#counts[id]!) this.#overCounted ??= id
  }

  /** Takes a record of `discard-sink`. */
  discard(id: number): void {
    if (!(id in this.#counts)) return
    this.#discards++
    this.#discarded[id]!++
  }

  /** Forgets what was reported: the next round has to say it again. */
  beginRound(): void {
    this.#reported.fill(undefined)
  }

  /**
   * @param discarded of the model
   * @param exactlyOnce false where records may come twice
   */
  verdicts(discarded: readonly number[], exactlyOnce: boolean): InstanceVerdict[] {
    return this.#counts.map((expected, id) => {
      const actual = this.#reported[id]
      const records = {
        expected: discarded[id]! + this.#asked[id]!,
        actual: this.#discarded[id]! + this.#answered[id]!,
      }
      const enough = exactlyOnce ? records.actual === records.expected : records.actual >= records.expected
      const verdict =
        actual !== undefined && actual > expected
          ? 'over-counted'
          : actual !== expected
            ? 'unfinished'
            : enough
              ? 'exact'
              : 'records'
      return { id, verdict, expected, actual, records }
    })
  }
}
