import { describe, expect, it } from 'vitest'
import type { Shard } from './shard.ts'
import { ShardGraph, type StartingShard, type StreamStart } from './shard-graph.ts'
import type { ShardPosition } from './shard-position.ts'

const EARLIEST: StreamStart = { type: 'earliest' }
const LATEST: StreamStart = { type: 'latest' }
const TRIM_HORIZON: ShardPosition = { at: 'trim-horizon' }

const shard = (id: string, parents: string[] = [], closed = false): Shard => ({
  id,
  parents,
  closed,
  hashRange: undefined,
})
/** `a` was split into `b` and `c`, which were merged into `d`. */
const FAMILY = [
  shard('a', [], true),
  shard('b', ['a'], true),
  shard('c', ['a'], true),
  shard('d', ['b', 'c']),
]

function graph(start: StreamStart, restored: Record<string, ShardPosition> = {}) {
  return new ShardGraph(start, new Map(Object.entries(restored)))
}
const shown = (starting: readonly StartingShard[]) =>
  Object.fromEntries(starting.map(({ shard: { id }, from }) => [id, from]))

describe('without a checkpoint', () => {
  it('earliest reads parents before children, and a merged shard after both', () => {
    const shards = graph(EARLIEST)
    expect(shown(shards.listed(FAMILY))).toEqual({ a: TRIM_HORIZON })
    expect(shards.waiting).toBe(3)
    expect(shown(shards.finished('a', undefined))).toEqual({ b: TRIM_HORIZON, c: TRIM_HORIZON })
    expect(shards.finished('c', undefined)).toEqual([])
    expect(shown(shards.finished('b', undefined))).toEqual({ d: TRIM_HORIZON })
    expect(shards.waiting).toBe(0)
  })

  it('latest reads the open shards alone', () => {
    const shards = graph(LATEST)
    expect(shown(shards.listed(FAMILY))).toEqual({ d: 'latest' })
    expect(shown(shards.listed([...FAMILY, shard('e', ['d'])]))).toEqual({})
    expect(shown(shards.finished('d', 5))).toEqual({ e: { at: 'timestamp', epochMs: 5 } })
  })

  it('a date goes on to the children of shards that had nothing since', () => {
    const date = { at: 'timestamp', epochMs: 70 } as const
    const shards = graph({ type: 'date', epochMs: 70 })
    expect(shown(shards.listed(FAMILY))).toEqual({ a: date })
    expect(shown(shards.finished('a', 70))).toEqual({ b: date, c: date })
    shards.finished('b', 70)
    expect(shown(shards.finished('c', undefined))).toEqual({ d: TRIM_HORIZON })
  })

  it('parents that are gone keep nobody waiting', () => {
    expect(shown(graph(EARLIEST).listed([shard('b', ['a']), shard('c', ['a'])]))).toEqual({
      b: TRIM_HORIZON,
      c: TRIM_HORIZON,
    })
  })
})

describe('with a checkpoint', () => {
  it('goes on where it was, and leaves out what was finished', () => {
    const after = { at: 'after', sequence: '9' } as const
    const shards = graph(LATEST, { a: { at: 'closed', since: undefined }, b: after })
    expect(shown(shards.listed(FAMILY))).toEqual({ b: after, c: TRIM_HORIZON })
    shards.finished('c', undefined)
    expect(shown(shards.finished('b', undefined))).toEqual({ d: TRIM_HORIZON })
  })

  it('never reads what lies before a shard that was started', () => {
    const start = { at: 'timestamp', epochMs: 3 } as const
    expect(shown(graph(LATEST, { d: start }).listed(FAMILY))).toEqual({ d: start })
  })

  it('reads shards that appeared meanwhile from their beginning', () => {
    const after = { at: 'after', sequence: '9' } as const
    expect(shown(graph(LATEST, { x: after }).listed([shard('x'), shard('y')]))).toEqual({
      x: after,
      y: TRIM_HORIZON,
    })
  })

  it('tries a shard that is listed no more, and its children wait for the answer', () => {
    const after = { at: 'after', sequence: '9' } as const
    const shards = graph(EARLIEST, { a: after })
    expect(shown(shards.listed([shard('b', ['a'])]))).toEqual({ a: after })
    expect(shown(shards.finished('a', undefined))).toEqual({ b: TRIM_HORIZON })
  })
})

it('children that come with the end of a shard start without a listing', () => {
  const shards = graph(EARLIEST)
  shards.listed([shard('a')])
  expect(shown(shards.finished('a', undefined, [shard('b', ['a']), shard('c', ['a'])]))).toEqual({
    b: TRIM_HORIZON,
    c: TRIM_HORIZON,
  })
  expect(shards.lacksChildrenOf('a')).toBe(false)
  expect(shards.lacksChildrenOf('b')).toBe(true)
})

it('a child whose other parent no listing has named yet waits for a listing', () => {
  const shards = graph(EARLIEST)
  shards.listed([shard('a'), shard('b'), shard('c')])
  // Meanwhile a and b were merged into d, and d and c into e.
  const e = shard('e', ['d', 'c'])
  expect(shards.finished('c', undefined, [e])).toEqual([])
  expect(shards.lacksChildrenOf('c')).toBe(true)
  const family = ['a', 'b', 'c'].map((id) => shard(id, [], true))
  expect(shards.listed([...family, shard('d', ['a', 'b'], true), e])).toEqual([])
  shards.finished('a', undefined)
  expect(shown(shards.finished('b', undefined))).toEqual({ d: TRIM_HORIZON })
  expect(shown(shards.finished('d', undefined))).toEqual({ e: TRIM_HORIZON })
})

describe('the position of a finished shard is released', () => {
  const listedAndReleased = (shards: ShardGraph, listing: readonly Shard[]) => {
    shards.listed(listing)
    return shards.release()
  }

  it('once two listings in a row say that all its children were started', () => {
    const shards = graph(EARLIEST)
    shards.listed([shard('a')])
    shards.finished('a', undefined)
    const split = FAMILY.slice(0, 3)
    expect(listedAndReleased(shards, split)).toEqual([])
    // An older listing: were it the one after a restart, a would be read anew.
    expect(listedAndReleased(shards, [shard('a')])).toEqual([])
    expect(listedAndReleased(shards, split)).toEqual([])
    expect(listedAndReleased(shards, split)).toEqual(['a'])
    expect(listedAndReleased(shards, split)).toEqual([])
  })

  it('not while a merged shard waits for its other parent, also after a restart', () => {
    for (const shards of [
      graph(EARLIEST, { a: { at: 'closed', since: undefined }, b: TRIM_HORIZON, c: TRIM_HORIZON }),
      graph(EARLIEST),
    ]) {
      shards.listed(FAMILY)
      shards.finished('a', undefined)
      shards.finished('b', undefined)
      expect(listedAndReleased(shards, FAMILY)).toEqual([])
      expect(listedAndReleased(shards, FAMILY)).toEqual(['a'])
      expect(listedAndReleased(shards, FAMILY)).toEqual([])
      shards.finished('c', undefined)
      expect(listedAndReleased(shards, FAMILY)).toEqual([])
      expect(listedAndReleased(shards, FAMILY)).toEqual(['b', 'c'])
    }
  })

  it('when it and its children are gone', () => {
    const shards = graph(EARLIEST, { a: { at: 'after', sequence: '9' } })
    shards.listed([shard('d', ['b', 'c'])])
    shards.finished('a', undefined)
    expect(listedAndReleased(shards, [shard('d', ['b', 'c'])])).toEqual([])
    expect(listedAndReleased(shards, [shard('d', ['b', 'c'])])).toEqual(['a'])
  })
})
