import type { IncomingRecord } from '../channel/channel.ts'

/** What an engine made of a stream. */
export interface RecordedOutput {
  /** What messages call it: `the embedded engine`, `Flink (Apache StateFun 3.3.0)`. */
  readonly engine: string
  /** Records of all egresses; those of one topic and partition in order. */
  readonly egress: readonly IncomingRecord[]
  /**
   * What instances remember in the end, by `<function type>/<id> <state>`: read from the engine where that is possible,
   * else what its last record says. Values are for people to read, and equal when the states are.
   */
  readonly state: ReadonlyMap<string, string>
}

/** Records that have to be in order: those with the same topic and key. */
export interface KeyedRecords {
  readonly topic: string
  readonly key: string
  readonly records: IncomingRecord[]
}

/** The records by topic and key, sorted by those; each in the order of its partition. */
export function byTopicAndKey(egress: readonly IncomingRecord[]): ReadonlyMap<string, KeyedRecords> {
  const found = new Map<string, KeyedRecords>()
  for (const record of egress) {
    const { topic, key } = record
    const group = JSON.stringify([topic, key])
    const known = found.get(group)
    if (known === undefined) found.set(group, { topic, key, records: [record] })
    else known.records.push(record)
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}
