import { describe, expect, it } from 'vitest'
import type { Logger } from '../logger.ts'
import { handleInvalidRecord, type InvalidRecord, recordDefect, refusedRecordText } from './invalid-record.ts'

const tombstone: InvalidRecord = {
  defect: 'NULL_VALUE',
  topic: 'orders',
  partition: 3,
  offset: 42n,
  timestamp: 1700000000000n,
  key: 'k1',
  valueSize: -1,
}
const keyless: InvalidRecord = { ...tombstone, defect: 'NULL_KEY', key: null, valueSize: 7 }

describe('invalid records', () => {
  it('looks at the key first, so a record with neither counts as NULL_KEY', () => {
    expect(recordDefect(null, null)).toBe('NULL_KEY')
    expect(recordDefect(new Uint8Array(), null)).toBe('NULL_VALUE')
    expect(recordDefect(new Uint8Array(), new Uint8Array())).toBeUndefined()
  })

  it('skips with the pinned log line at the level of the policy', () => {
    const lines: string[] = []
    const log = (level: string) => (_: object, message: string) => void lines.push(`${level}: ${message}`)
    const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
    handleInvalidRecord(tombstone, { type: 'skip', logLevel: 'warn' }, logger)
    handleInvalidRecord(keyless, { type: 'skip', logLevel: 'debug' }, logger)
    expect(lines).toEqual([
      'warn: Skipping invalid record: defect [NULL_VALUE], topic [orders], partition [3], offset [42], timestamp [1700000000000], key [k1], value size [-1]',
      'debug: Skipping invalid record: defect [NULL_KEY], topic [orders], partition [3], offset [42], timestamp [1700000000000], key [null], value size [7]',
    ])
  })

  it('refuses with the pinned exception texts; the key is named only when there is one', () => {
    expect(refusedRecordText(keyless)).toBe(
      'The io.statefun.kafka.v1/ingress ingress requires a UTF-8 key set for each record. Offending record: topic [orders], partition [3], offset [42], timestamp [1700000000000].',
    )
    const logger = { debug() {}, info() {}, warn() {}, error() {} }
    expect(() => handleInvalidRecord(tombstone, { type: 'fail' }, logger)).toThrow(
      'The io.statefun.kafka.v1/ingress ingress cannot process a tombstone (null value) record. Offending record: topic [orders], partition [3], offset [42], timestamp [1700000000000], key [k1].',
    )
  })
})
