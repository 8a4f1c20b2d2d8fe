import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FrameKind, frameHeader } from '../src/checkpoint/frame.ts'
import type { CheckpointStorage } from '../src/checkpoint/storage.ts'

/** Somewhere a checkpoint lies, in the terms all storages share. */
export interface StoragePlace {
  /** A storage for it that was not opened yet. */
  storage(app: string): CheckpointStorage
  /** Gives what was written last a format that no release knows. */
  raiseFormat(): Promise<void>
  /** Changes one byte in the middle of the log. */
  damage(): Promise<void>
  /** Settles when nothing goes on in the background any more. */
  settled(): Promise<void>
  /** Bytes that are kept. */
  size(): Promise<number>
  dispose(): Promise<void>
}

const REPORT = { tornTail: () => undefined }

/** The beginning of a file or object in a format that no release knows. */
export function newerFormat(): Buffer {
  const header = Buffer.from(JSON.stringify({ format: 99, app: 'app' }))
  return Buffer.concat([frameHeader(FrameKind.header, header), header])
}

/** What every storage has to do, run for each of them. */
export function storageCases(name: string, makePlace: () => Promise<StoragePlace>): void {
  describe(`${name}: what every checkpoint storage does`, () => {
    let place: StoragePlace
    beforeEach(async () => {
      place = await makePlace()
    })
    afterEach(() => place.dispose())

    async function using<T>(use: (storage: CheckpointStorage) => Promise<T>, app = 'app'): Promise<T> {
      const storage = place.storage(app)
      try {
        await storage.open(REPORT)
        return await use(storage)
      } finally {
        await storage.close()
      }
    }

    const append = (first: number, ...payloads: string[]) =>
      using(async (storage) => {
        await contents(storage)
        for (const [index, payload] of payloads.entries()) {
          await storage.append(first + index, Buffer.from(payload))
        }
        return storage.identity
      })

    /** A snapshot that begins with `epoch`, which is appended while it is taken. */
    async function snapshot(storage: CheckpointStorage, epoch: number, ...chunks: string[]): Promise<void> {
      const base = await storage.beginBase(epoch)
      await storage.append(epoch, Buffer.from(`epoch ${epoch}`))
      for (const chunk of chunks) await base.write(Buffer.from(chunk))
      await base.publish()
    }

    it('is empty at first', async () => {
      expect(await using(contents)).toEqual([])
    })

    it('gives back what was appended, over several runs', async () => {
      await append(1, 'one', 'two')
      expect(await append(3)).toMatchObject({ app: 'app' })
      await append(3, 'three', '')
      expect(await using(contents)).toEqual(['one', 'two', 'three', ''])
    })

    it('keeps bytes as they are, also many', async () => {
      const bytes = Buffer.alloc(
        3_000_000,
        Uint8Array.from({ length: 251 }, (_, at) => at),
      )
      await using(async (storage) => {
        await contents(storage)
        await storage.append(1, bytes)
      })
      await using(async (storage) => {
        const frames = []
        for await (const frame of storage.recover()) frames.push(frame)
        expect(frames).toHaveLength(1)
        expect(frames[0]!.payload.equals(bytes)).toBe(true)
      })
    })

    it('keeps its lineage across runs, and another checkpoint has another one', async () => {
      const first = await append(1, 'one')
      expect(await append(2, 'two')).toEqual(first)
      const other = place.storage('app')
      expect(other.identity.lineage).not.toBe(first.lineage)
    })

    it('recovers from a snapshot and the epochs since', async () => {
      await append(1, 'one', 'two')
      await using(async (storage) => {
        await contents(storage)
        await snapshot(storage, 3, 'all', 'of it')
        await storage.append(4, Buffer.from('four'))
      })
      expect(await using(contents)).toEqual(['all', 'of it', 'epoch 3', 'four'])
      await append(5, 'five')
      expect(await using(contents)).toEqual(['all', 'of it', 'epoch 3', 'four', 'five'])
    })

    it('recovers from the newest of several snapshots, taken in several runs', async () => {
      await append(1, 'one')
      for (const epoch of [2, 3, 4, 5, 6]) {
        await using(async (storage) => {
          await contents(storage)
          await snapshot(storage, epoch, `base ${epoch}`)
        })
      }
      expect(await using(contents)).toEqual(['base 6', 'epoch 6'])
    })

    it.each(['given up', 'left by a crash'])('ignores a snapshot that was %s', async (how) => {
      await append(1, 'one')
      await using(async (storage) => {
        await contents(storage)
        const base = await storage.beginBase(2)
        await storage.append(2, Buffer.from('two'))
        await base.write(Buffer.from('base'))
        if (how === 'given up') await base.abort()
      })
      expect(await using(contents)).toEqual(['one', 'two'])
      await append(3, 'three')
      expect(await using(contents)).toEqual(['one', 'two', 'three'])
    })

    it('weighs the log and the snapshot', async () => {
      await using(async (storage) => {
        await contents(storage)
        expect([storage.logBytes, storage.baseBytes]).toEqual([0, 0])
        await storage.append(1, Buffer.alloc(100_000))
        await storage.append(2, Buffer.alloc(100_000))
        expect(storage.logBytes).toBeGreaterThanOrEqual(200_000)
        const base = await storage.beginBase(3)
        expect(storage.logBytes).toBeLessThan(1000)
        await storage.append(3, Buffer.alloc(100_000))
        await base.write(Buffer.alloc(50_000))
        await base.publish()
      })
      await using(async (storage) => {
        await contents(storage)
        expect(storage.logBytes).toBeGreaterThanOrEqual(100_000)
        expect(storage.logBytes).toBeLessThan(200_000)
        expect(storage.baseBytes).toBeGreaterThanOrEqual(50_000)
        expect(storage.baseBytes).toBeLessThan(60_000)
      })
    })

    it('does not grow with its age', async () => {
      let largest = 0
      for (let run = 0; run < 4; run++) {
        await using(async (storage) => {
          await contents(storage)
          for (let round = 0; round < 5; round++) {
            await storage.append(run * 15 + round * 3 + 1, Buffer.alloc(20_000))
            await storage.append(run * 15 + round * 3 + 2, Buffer.alloc(20_000))
            await snapshot(storage, run * 15 + round * 3 + 3, 'x'.repeat(10_000))
          }
          await place.settled()
        })
        if (run === 1) largest = await place.size()
      }
      expect(await place.size()).toBeLessThan(largest + 10_000)
    })

    it('refuses the checkpoint of another app, and leaves it as it is', async () => {
      await append(1, 'one')
      const before = await place.size()
      await expect(using(contents, 'other')).rejects.toMatchObject({
        code: 'SF_CHECKPOINT_FOREIGN',
        hint: expect.stringContaining('of its own'),
      })
      expect(await place.size()).toBe(before)
      expect(await using(contents)).toEqual(['one'])
    })

    it('refuses a format of a newer release', async () => {
      await append(1, 'one')
      await place.raiseFormat()
      await expect(using(contents)).rejects.toMatchObject({
        code: 'SF_CHECKPOINT_FOREIGN',
        message: expect.stringContaining('format'),
      })
    })

    it('refuses damage in the middle of the log, with the place', async () => {
      await append(1, 'one', 'two', 'three')
      await place.damage()
      await expect(using(contents)).rejects.toMatchObject({
        code: 'SF_CHECKPOINT_CORRUPT',
        where: expect.stringMatching(/log-\d{16}/),
      })
    })
  })
}

/** The payloads that a recovery yields, as text. */
export async function contents(storage: CheckpointStorage): Promise<string[]> {
  const found: string[] = []
  for await (const { payload } of storage.recover()) found.push(payload.toString())
  return found
}
