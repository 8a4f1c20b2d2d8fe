import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InstanceHash } from './instance-hash.ts'
import { RestoredStates } from './restored-states.ts'
import { SpillStore } from './spill-store.ts'
import { isRecordOf, visitRecord } from './spilled-record.ts'
import { MemoryScratchFolder } from './testing/memory-scratch-folder.ts'

/** Of different keys, most have the same one. */
class PoorHash extends InstanceHash {
  override of(type: number, id: string): number {
    return super.of(type, id) % 3
  }

  override ofBytes(type: number, bytes: Buffer, start: number, end: number): number {
    return super.ofBytes(type, bytes, start, end) % 3
  }
}

interface State {
  readonly type: number
  readonly id: string
  readonly slot: number
  /** 0 is none. */
  readonly stamp: number
  /** Bytes of the value; undefined is a deletion. */
  readonly length: number | undefined
}

const state: fc.Arbitrary<State> = fc.record({
  type: fc.integer({ min: 0, max: 1 }),
  id: fc.constantFrom('', 'a', 'b', 'c', 'é', '😀', 'x'.repeat(300)),
  slot: fc.integer({ min: 0, max: 2 }),
  stamp: fc.constantFrom(0, 0, 1234.5),
  /** Some are so long that few of them are more than what is read at once. */
  length: fc.option(fc.constantFrom(0, 1, 9, 9, 9, 100, 20_000, 150_000), { nil: undefined }),
})

/** By key, then by slot: the value in short and its stamp. */
type Content = Map<string, Map<number, string>>

function keyOf(type: number, id: string): string {
  return `${type} ${id}`
}

function bytesOf(length: number, number: number): Buffer {
  return Buffer.alloc(length, number)
}

function inShort(value: Uint8Array, stamp: number): string {
  return `${value.length} x ${value[0]}..${value.at(-1)} ${stamp}`
}

/** Puts states into a buffer, as they are in a frame, and gives them to `restored`. */
function add(restored: RestoredStates, states: readonly State[], expected: Content, first: number): void {
  const parts: Buffer[] = []
  for (const [i, { id, length }] of states.entries())
    parts.push(Buffer.from(id), bytesOf(length ?? 0, first + i))
  const frame = Buffer.concat(parts)
  let at = 0
  for (const [i, { type, id, slot, stamp, length }] of states.entries()) {
    const idEnd = at + Buffer.byteLength(id)
    const end = idEnd + (length ?? 0)
    const deleted = length === undefined
    restored.add(type, slot, stamp, frame, at, idEnd, deleted ? -1 : idEnd, deleted ? -1 : end)
    at = end
    const slots = expected.get(keyOf(type, id)) ?? new Map<number, string>()
    if (deleted) slots.delete(slot)
    else slots.set(slot, inShort(bytesOf(length, first + i), stamp))
    if (slots.size > 0) expected.set(keyOf(type, id), slots)
    else expected.delete(keyOf(type, id))
  }
}

function contentOf(store: SpillStore, hashes: InstanceHash, keys: readonly State[]): Content {
  const content: Content = new Map()
  const found = { segment: 0, offset: 0, length: 0 }
  for (const { type, id } of keys) {
    const hash = hashes.of(type, id)
    for (let nth = 0; store.index.find(hash, nth, found); nth++) {
      store.readNow(found)
      const { readBuffer, readAt } = store
      if (!isRecordOf(readBuffer, readAt, type, id)) continue
      const slots = new Map<number, string>()
      visitRecord(readBuffer, readAt, (_type, _idStart, _idEnd, slot, stamp, start, end) => {
        expect(slots.has(slot)).toBe(false)
        slots.set(slot, inShort(readBuffer.subarray(start, end), stamp))
      })
      content.set(keyOf(type, id), slots)
    }
  }
  return content
}

describe('states of a checkpoint', () => {
  it('are on disk as the last change of each left them, with any size of files and batches', async () => {
    const sizes = fc.constantFrom(
      { segmentBytes: 300, chunkBytes: 80 },
      { segmentBytes: 1_000_000, chunkBytes: 50_000 },
      { segmentBytes: 1_000_000, chunkBytes: 1_000_000 },
    )
    const round = fc.record({ states: fc.array(state, { maxLength: 20 }), apply: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(
        fc.array(round, { maxLength: 8 }),
        sizes,
        fc.constantFrom(1, 8, 1024),
        fc.boolean(),
        async (rounds, size, capacity, poor) => {
          const hashes = poor ? new PoorHash() : new InstanceHash()
          const store = new SpillStore({
            ...size,
            folder: new MemoryScratchFolder(),
            now: () => 0,
            drained: () => undefined,
            failed: (error) => {
              throw error
            },
          })
          const restored = new RestoredStates(store, hashes, capacity)
          const expected: Content = new Map()
          let count = 0
          for (const { states, apply } of rounds) {
            add(restored, states, expected, count)
            count += states.length
            if (apply) restored.apply()
            await store.written()
          }
          restored.apply()
          const content = contentOf(
            store,
            hashes,
            rounds.flatMap(({ states }) => states),
          )
          expect(content).toEqual(expected)
          expect(store.index.size).toBe(expected.size)
          let liveBytes = 0
          for (const segment of store.segments.values()) liveBytes += segment.liveBytes
          expect(store.liveBytes).toBe(liveBytes)
          await store.close()
        },
      ),
      { numRuns: 200 },
    )
  })

  it('that are many come from several frames, and from long ones', async () => {
    const hashes = new InstanceHash()
    const store = new SpillStore({
      folder: new MemoryScratchFolder(),
      now: () => 0,
      drained: () => undefined,
      failed: (error) => {
        throw error
      },
    })
    const restored = new RestoredStates(store, hashes)
    const expected: Content = new Map()
    const states = Array.from({ length: 3000 }, (_, i) => {
      return { type: 0, id: `key-${i % 2000}`, slot: 0, stamp: 0, length: i % 1000 === 0 ? 9_000_000 : 9 }
    })
    for (let from = 0; from < states.length; from += 1500)
      add(restored, states.slice(from, from + 1500), expected, from)
    restored.apply()
    await store.written()
    expect(contentOf(store, hashes, states.slice(0, 2000))).toEqual(expected)
    await store.close()
  })
})
