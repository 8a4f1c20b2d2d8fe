/** A counted stream: records 0 to `records` - 1, each with the key it counts for. */
export interface Plan {
  readonly records: number
  readonly keys: number
}

/** The key of a record. Neighbours have different keys, and all keys have as many records (or one more). */
export function keyOf(plan: Plan, record: number): string {
  return `k${(record * 7919) % plan.keys}`
}

/** The records of every key in the order they are sent: what the key's running totals 1, 2, 3 … stand for. */
export function recordsByKey(plan: Plan): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (let record = 0; record < plan.records; record++) {
    const key = keyOf(plan, record)
    const records = found.get(key)
    if (records === undefined) found.set(key, [record])
    else records.push(record)
  }
  return found
}
