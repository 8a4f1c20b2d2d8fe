import { describe, expect, it } from 'vitest'
import { keyOf, type Plan, recordsByKey } from '../stream/plan.ts'
import { checkResults, isExact, type Result } from './check-results.ts'

const PLAN: Plan = { records: 40, keys: 4 }

/** What a faultless engine makes visible, changed by `change` for the key of record 0. */
function results(change: (ofFirstKey: Result[]) => void = () => undefined): Map<string, Result[]> {
  const all = new Map<string, Result[]>()
  for (const [key, records] of recordsByKey(PLAN)) {
    all.set(
      key,
      records.map((record, index) => ({ total: index + 1, record })),
    )
  }
  change(all.get(keyOf(PLAN, 0))!)
  return all
}

function counts(change: (ofFirstKey: Result[]) => void) {
  const { examples, ...numbers } = checkResults(PLAN, results(change))
  expect(examples.length).toBeGreaterThan(0)
  return numbers
}

const NONE = { lost: 0, duplicated: 0, disordered: 0, miscounted: 0, strange: 0 }

describe('the check of results', () => {
  it('finds nothing where each effect is there once', () => {
    const verdict = checkResults(PLAN, results())
    expect(verdict).toEqual({ ...NONE, examples: [] })
    expect(isExact(verdict)).toBe(true)
  })

  it('finds a record that was never counted', () => {
    const counted = (list: Result[]) => {
      list.splice(3, 1)
      for (let i = 3; i < list.length; i++) list[i] = { ...list[i]!, total: list[i]!.total - 1 }
    }
    expect(counts(counted)).toEqual({ ...NONE, lost: 1, miscounted: 6 })
  })

  it('finds a result that was counted and never published', () => {
    expect(counts((list) => list.splice(3, 1))).toEqual({ ...NONE, lost: 1 })
  })

  it('finds the loss of the last results', () => {
    expect(counts((list) => list.splice(-2))).toEqual({ ...NONE, lost: 2 })
  })

  it('finds a result that was published twice', () => {
    expect(counts((list) => list.splice(4, 0, list[3]!))).toEqual({ ...NONE, duplicated: 1 })
    expect(counts((list) => list.push(list[3]!))).toEqual({ ...NONE, duplicated: 1 })
  })

  it('finds a record that was applied twice', () => {
    const applied = (list: Result[]) => {
      const { record } = list[3]!
      list.splice(4, 0, { total: 5, record })
      for (let i = 5; i < list.length; i++) list[i] = { ...list[i]!, total: list[i]!.total + 1 }
    }
    expect(counts(applied)).toEqual({ ...NONE, duplicated: 1, miscounted: 6 })
  })

  it('finds results out of order', () => {
    const swapped = (list: Result[]) => {
      ;[list[2], list[3]] = [list[3]!, list[2]!]
    }
    expect(counts(swapped)).toEqual({ ...NONE, disordered: 1 })
  })

  it('finds records that were counted in another order than they came', () => {
    const exchanged = (list: Result[]) => {
      const [second, third] = [list[2]!, list[3]!]
      list[2] = { total: second.total, record: third.record }
      list[3] = { total: third.total, record: second.record }
    }
    expect(counts(exchanged)).toEqual({ ...NONE, disordered: 1, miscounted: 2 })
  })

  it('finds results of other keys, unknown keys and unknown records', () => {
    expect(counts((list) => list.push({ total: 11, record: 1 }))).toEqual({ ...NONE, strange: 1 })
    expect(counts((list) => list.push({ total: Number.NaN, record: Number.NaN }))).toEqual({
      ...NONE,
      strange: 1,
    })
    const verdict = checkResults(PLAN, results().set('k9', [{ total: 1, record: 9 }]))
    expect(verdict).toMatchObject({ ...NONE, strange: 1 })
    expect(isExact(verdict)).toBe(false)
  })

  it('finds that there is nothing at all', () => {
    expect(checkResults(PLAN, new Map())).toMatchObject({ ...NONE, lost: 40 })
  })
})
