import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InstanceHash } from './instance-hash.ts'
import { KeyIndex, type Location } from './key-index.ts'

/** Few hashes, many of them neighbours or the same, in the first and the last places of two tables. */
const hash = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: 0x3ffffd, max: 0x3fffff }),
  fc.integer({ min: 0x7ffffffd, max: 0x7fffffff }),
)
const operation = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'remove', 'move'),
  hash,
  segment: fc.integer({ min: 0, max: 3 }),
  offset: fc.integer({ min: 0, max: 40 }),
})

describe('the index', () => {
  it('finds what a list of entries holds', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300, size: 'max' }), (operations) => {
        const index = new KeyIndex()
        let model: (Location & { hash: number })[] = []
        for (const { kind, hash, segment, offset } of operations) {
          const there = model.find(
            (entry) => entry.hash === hash && entry.segment === segment && entry.offset === offset,
          )
          if (kind === 'insert') {
            if (there !== undefined) continue
            index.insert(hash, segment, offset, offset + 1)
            model.push({ hash, segment, offset, length: offset + 1 })
          } else if (kind === 'remove') {
            expect(index.remove(hash, segment, offset)).toBe(there !== undefined)
            model = model.filter((entry) => entry !== there)
          } else {
            const to = { segment: 9, offset: model.length + 100, length: model.length + 1 }
            expect(index.move(hash, segment, offset, to)).toBe(there !== undefined)
            if (there !== undefined) Object.assign(there, to)
          }
        }
        expect(index.size).toBe(model.length)
        for (const entry of model) expect(index.has(entry.hash, entry.segment, entry.offset)).toBe(true)
        for (const hash of new Set(operations.map((operation) => operation.hash))) {
          const found: Location[] = []
          const at = { segment: 0, offset: 0, length: 0 }
          for (let nth = 0; index.find(hash, nth, at); nth++) found.push({ ...at })
          const key = ({ segment, offset, length }: Location) => `${segment} ${offset} ${length}`
          const expected = model.filter((entry) => entry.hash === hash)
          expect(found.map(key).sort()).toEqual(expected.map(key).sort())
        }
      }),
      { numRuns: 500 },
    )
  })

  it('takes about 25 bytes for each of very many keys', () => {
    const index = new KeyIndex()
    const hash = new InstanceHash()
    for (let i = 0; i < 500_000; i++) index.insert(hash.of(0, `key-${i}`), 0, i, 1)
    expect(index.bytes / index.size).toBeLessThan(30)
  })
})

describe('the hash of a key', () => {
  it('tells types and ids apart', () => {
    const hash = new InstanceHash()
    const hashes = new Set<number>()
    for (let type = 0; type < 3; type++)
      for (let i = 0; i < 30_000; i++) hashes.add(hash.of(type, `a key that is longer than a row ${i}`))
    // Mostly two pairs or so are the same. Where the random numbers of two places happen to fit, ids that differ there alone and
    // alike all come in pairs: some dozens, with three of a hundred seeds.
    expect(hashes.size).toBeGreaterThan(90_000 - 2000)
    const texts = [
      '',
      'a',
      'b',
      'ab',
      'ba',
      'é',
      '\u0100',
      '\u0001',
      '\ud800',
      'a'.repeat(16),
      'a'.repeat(17),
      '\0',
      '\0\0',
    ]
    expect(new Set(texts.map((id) => hash.of(0, id))).size).toBe(texts.length)
  })

  it('is another one in each store', () => {
    const [one, other] = [new InstanceHash(), new InstanceHash()]
    const same = Array.from({ length: 1000 }, (_, i) => `key-${i}`).filter(
      (id) => one.of(0, id) === other.of(0, id),
    )
    expect(same.length).toBeLessThan(5)
    expect(one.of(7, 'key')).toBe(one.of(7, 'key'))
  })
})
