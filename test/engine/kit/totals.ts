import { expect } from 'vitest'

/**
 * Checks what a counter emitted: every total of every key from 1 to how often it was counted, none above it, and a total
 * that is not one more than the one before only where the engine began again.
 */
export function checkTotals(
  emitted: ReadonlyMap<string, readonly string[]>,
  counts: ReadonlyMap<string, number>,
  restarts: number,
): void {
  const faults: string[] = []
  for (const [key, count] of counts) {
    const totals = (emitted.get(key) ?? []).map(Number)
    const seen = new Set(totals)
    for (let total = 1; total <= count; total++)
      if (!seen.has(total)) faults.push(`${key}: no total ${total}`)
    if (Math.max(...totals) > count) faults.push(`${key}: counted to ${Math.max(...totals)} of ${count}`)
    let back = 0
    for (const [at, total] of totals.entries()) {
      const before = totals[at - 1] ?? 0
      if (total === before + 1) continue
      if (total > before + 1) faults.push(`${key}: ${total} follows ${before}`)
      back++
    }
    if (back > restarts) faults.push(`${key}: began again ${back} times in ${restarts} restarts`)
  }
  expect(faults.slice(0, 10)).toEqual([])
}

/** Records of a test: `total` over so many keys, as evenly as it goes, in a fixed shuffled order. */
export function spread(
  total: number,
  keys: number,
): { readonly order: string[]; readonly counts: Map<string, number> } {
  const order: string[] = []
  const counts = new Map<string, number>()
  for (let i = 0; i < total; i++) {
    const key = `k${(i * 7919) % keys}`
    order.push(key)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return { order, counts }
}
