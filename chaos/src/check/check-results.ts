import { type Plan, recordsByKey } from '../stream/plan.ts'

/** What the function emitted for one record: the key's total with it, and the record's number. */
export interface Result {
  readonly total: number
  readonly record: number
}

/** Reads what the function `tally` emits: `<total> <record>`. Anything else becomes NaN. */
export function resultOf(text: string): Result {
  const [total = Number.NaN, record = Number.NaN] = text.split(' ').map(Number)
  return { total, record }
}

/** How results differ from one effect per record; all zero is exact. */
export interface Verdict {
  /** Records without a result. */
  readonly lost: number
  /** Results beyond the first of their record. */
  readonly duplicated: number
  /** Results (the first of their record) that come after one of a later record of their key. */
  readonly disordered: number
  /** Results (the first of their record) with a total that is not the record's place among those of its key. */
  readonly miscounted: number
  /** Results that stand for no record of their key. */
  readonly strange: number
  /** Some of the differences in words, at most {@link MAX_EXAMPLES} of each kind. */
  readonly examples: readonly string[]
}

const MAX_EXAMPLES = 5

/**
 * Compares the visible results of every key, in the order in which they became visible, with what was sent: each record of
 * the key exactly once, in order, with totals 1, 2, 3 … without gap or repetition.
 */
export function checkResults(plan: Plan, results: ReadonlyMap<string, readonly Result[]>): Verdict {
  const counts = { lost: 0, duplicated: 0, disordered: 0, miscounted: 0, strange: 0 }
  const examples: string[] = []
  const note = (kind: keyof typeof counts, text: string) => {
    if (counts[kind]++ < MAX_EXAMPLES) examples.push(text)
  }
  const expected = recordsByKey(plan)
  for (const [key, records] of expected) {
    const places = new Map(records.map((record, index) => [record, index + 1]))
    const seen = new Set<number>()
    let newest = -1
    for (const { total, record } of results.get(key) ?? []) {
      const place = places.get(record)
      if (place === undefined) {
        note('strange', `${key}: a result of record ${record}, which is not one of this key`)
        continue
      }
      if (seen.has(record)) {
        note('duplicated', `${key}: record ${record} came again, with total ${total}`)
        continue
      }
      seen.add(record)
      if (record < newest) note('disordered', `${key}: record ${record} came after record ${newest}`)
      newest = Math.max(newest, record)
      if (total !== place) note('miscounted', `${key}: record ${record} has total ${total}, not ${place}`)
    }
    for (const record of records) {
      if (!seen.has(record)) note('lost', `${key}: no result of record ${record}`)
    }
  }
  for (const [key, found] of results) {
    if (expected.has(key)) continue
    for (const { record } of found) note('strange', `${key}: a result of record ${record} for an unknown key`)
  }
  return { ...counts, examples }
}

/** Whether every effect is there exactly once. */
export function isExact(verdict: Verdict): boolean {
  const { lost, duplicated, disordered, miscounted, strange } = verdict
  return lost + duplicated + disordered + miscounted + strange === 0
}
