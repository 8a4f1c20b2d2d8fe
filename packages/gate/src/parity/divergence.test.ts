import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import type { IncomingRecord } from '../channel/channel.ts'
import { seededRandom } from '../random/seeded-random.ts'
import { checkParity, firstDivergence } from './divergence.ts'
import { outputFromJson, outputToJson } from './output-json.ts'
import type { RecordedOutput } from './recorded-output.ts'

const record = (
  topic: string,
  partition: number,
  offset: number,
  key: string,
  value: string,
): IncomingRecord => ({
  topic,
  partition,
  offset,
  key,
  value: Buffer.from(value),
})

const output = (
  engine: string,
  egress: readonly IncomingRecord[],
  state: readonly (readonly [string, string])[] = [],
): RecordedOutput => ({ engine, egress, state: new Map(state) })

/** The totals of many keys, spread over partitions, as two engines could emit them. */
function totals(seed: number): IncomingRecord[] {
  const random = seededRandom(seed, 'parity')
  const records: IncomingRecord[] = []
  const counts = new Map<string, number>()
  for (let at = 0; at < 300; at++) {
    const key = `k${random.below(20)}`
    const topic = random.pick(['a', 'b'])
    const total = (counts.get(topic + key) ?? 0) + 1
    counts.set(topic + key, total)
    records.push(record(topic, key.length % 2, at, key, String(total)))
  }
  return records
}

/** The same records in another order of keys. */
function otherOrder(records: readonly IncomingRecord[]): IncomingRecord[] {
  return records
    .map((each, at) => ({ each, at }))
    .sort((a, b) => (a.each.key < b.each.key ? 1 : a.each.key > b.each.key ? -1 : a.at - b.at))
    .map(({ each }, offset) => ({ ...each, partition: 0, offset }))
}

describe('outputs of two engines', () => {
  it('are the same when each key of a topic has the same values in order', () => {
    for (let seed = 0; seed < 50; seed++) {
      const records = totals(seed)
      expect(firstDivergence(output('a', records), output('b', otherOrder(records)))).toBeUndefined()
    }
  })

  it.each([
    [
      'a value differs',
      (records: IncomingRecord[]) => records.with(150, { ...records[150]!, value: Buffer.from('x') }),
    ],
    ['a record is missing', (records: IncomingRecord[]) => records.toSpliced(150, 1)],
    ['a record comes twice', (records: IncomingRecord[]) => records.toSpliced(150, 0, records[150]!)],
    [
      'two records of a key are swapped',
      (records: IncomingRecord[]) => {
        const { topic, key } = records[150]!
        const next = records.findIndex((each, at) => at > 150 && each.topic === topic && each.key === key)
        return records.with(150, records[next]!).with(next, records[150]!)
      },
    ],
    [
      'a key is another one',
      (records: IncomingRecord[]) => records.with(150, { ...records[150]!, key: 'other' }),
    ],
    [
      'a topic is another one',
      (records: IncomingRecord[]) => records.with(150, { ...records[150]!, topic: 'c' }),
    ],
  ])('differ when %s', (_what, change) => {
    for (let seed = 0; seed < 20; seed++) {
      const records = totals(seed)
      const [left, right] = [output('a', records), output('b', otherOrder(change(records)))]
      expect(firstDivergence(left, right)).toMatchObject({ kind: 'egress' })
      expect(() => checkParity(left, right)).toThrow(expect.objectContaining({ code: 'SF_GATE_PARITY' }))
    }
  })

  it('are told apart by the earliest difference, with coordinates and both values', () => {
    const left = output('ours', [
      record('t', 1, 7, 'a', '1'),
      record('t', 1, 8, 'a', '2'),
      record('t', 0, 3, 'b', '1'),
    ])
    const right = output('theirs', [
      record('t', 0, 0, 'a', '1'),
      record('t', 0, 1, 'a', '3'),
      record('t', 2, 9, 'b', '5'),
    ])
    expect(firstDivergence(left, right)).toMatchObject({ key: 'b', position: 0 })
    const text = (value: Uint8Array) => Buffer.from(value).toString()
    expect(
      refusal(() => checkParity(left, right, (_, value) => text(value))),
    ).toBe(`SF_GATE_PARITY topic [t], key [b], record 1 of this key: the engines emit different records
ours: topic [t], partition [0], offset [3]: 1
theirs: topic [t], partition [2], offset [9]: 5`)
    expect(
      refusal(() => checkParity(output('ours', []), output('theirs', [record('t', 0, 0, 'a', '1')]))),
    ).toContain('ours: no such record\ntheirs: topic [t], partition [0], offset [0]: 0x31')
  })

  it('stay the same through JSON', () => {
    const [left, right] = [output('a', totals(1), [['x/y/z s', '1']]), output('b', totals(2))]
    const copy = outputFromJson(JSON.parse(JSON.stringify(outputToJson(left))))
    expect(copy.engine).toBe('a')
    expect(firstDivergence(left, copy)).toBeUndefined()
    expect(firstDivergence(copy, right)).toEqual(firstDivergence(left, right))
  })

  it('differ when they remember different things', () => {
    const states = (total: string) =>
      [
        ['example/counter/a total', '1'],
        ['example/counter/b total', total],
      ] as const
    const [left, same, right] = [
      output('ours', [], states('2')),
      output('x', [], states('2')),
      output('theirs', [], states('3')),
    ]
    expect(firstDivergence(left, same)).toBeUndefined()
    expect(
      refusal(() => checkParity(left, right)),
    ).toBe(`SF_GATE_PARITY example/counter/b total: the engines remember different things
ours: 2
theirs: 3`)
    expect(refusal(() => checkParity(left, output('theirs', [])))).toContain('theirs: nothing')
  })
})

function refusal(run: () => void): string {
  try {
    run()
  } catch (error) {
    return StatefunError.from(error).format()
  }
  throw new Error('nothing was thrown')
}
