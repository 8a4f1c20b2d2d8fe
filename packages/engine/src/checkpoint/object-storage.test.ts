import { describe, expect, it } from 'vitest'
import {
  base,
  log,
  opened,
  openedUnread,
  settled,
  snapshot,
  storageOf,
  text,
} from '../../test/object-storages.ts'
import { contents, newerFormat, type StoragePlace, storageCases } from '../../test/storage-cases.ts'
import { encodeObject, type ObjectHeader } from './checkpoint-objects.ts'
import { FrameKind } from './frame.ts'
import { ObjectStorage } from './object-storage.ts'
import { MemoryBucket, type StoreFate } from './testing/memory-bucket.ts'

storageCases('ObjectStorage', async (): Promise<StoragePlace> => {
  const bucket = new MemoryBucket()
  const replace = (key: string, change: (object: Buffer) => Buffer) =>
    void bucket.objects.set(key, change(Buffer.from(bucket.objects.get(key)!)))
  return {
    storage: (app) => new ObjectStorage({ store: bucket.store({ pageSize: 3 }), app, partBytes: 4 }),
    async raiseFormat() {
      replace(bucket.keys().at(-1)!, () => {
        return newerFormat()
      })
    },
    async damage() {
      replace(bucket.keys().at(-2)!, (object) => {
        object[object.length - 1]! ^= 1
        return object
      })
    },
    settled,
    size: async () => [...bucket.objects.values()].reduce((sum, { length }) => sum + length, 0),
    dispose: async () => undefined,
  }
})

describe('a checkpoint in a bucket', () => {
  it('puts each epoch into one object, with one request', async () => {
    const bucket = new MemoryBucket()
    const storage = await opened(bucket)
    const before = { ...bucket.calls }
    await storage.append(1, text('one'))
    await storage.append(2, text('two'))
    expect(bucket.keys()).toEqual([log(1), log(2), log(3)])
    expect(bucket.calls).toEqual({ ...before, putNew: before.putNew + 2 })
  })

  it('uploads a snapshot in parts and names them at its end', async () => {
    const bucket = new MemoryBucket()
    const storage = await opened(bucket, { partBytes: 10 })
    const writer = await storage.beginBase(1)
    await storage.append(1, text('one'))
    for (const chunk of ['0123456789', 'abcde', 'fghij', 'k']) await writer.write(text(chunk))
    expect(bucket.keys().filter((key) => key.endsWith('/end'))).toEqual([])
    await writer.publish()
    expect(bucket.keys().filter((key) => key.startsWith('base'))).toEqual([
      `${base(2)}/end`,
      `${base(2)}/part-000000.sfbase`,
      `${base(2)}/part-000001.sfbase`,
      `${base(2)}/part-000002.sfbase`,
    ])
    expect(await contents(await openedUnread(bucket))).toEqual(['0123456789', 'abcde', 'fghij', 'k', 'one'])
  })

  it('weighs small objects by their requests', async () => {
    const storage = await opened(new MemoryBucket())
    await storage.append(1, text('one'))
    expect(storage.logBytes).toBe(64 * 1024)
  })

  it('keeps the newest snapshots with their slots, and every claim', async () => {
    const bucket = new MemoryBucket()
    const first = await opened(bucket)
    await first.append(1, text('one'))
    await first.close()
    const second = await opened(bucket)
    for (let epoch = 2; epoch <= 9; epoch++) {
      await snapshot(second, epoch)
      await settled()
    }
    // Slots: a claim, epoch 1, a claim, epochs 2 to 9.
    expect(bucket.keys()).toEqual([
      `${base(10)}/end`,
      `${base(10)}/part-000000.sfbase`,
      `${base(11)}/end`,
      `${base(11)}/part-000000.sfbase`,
      log(1),
      log(3),
      log(10),
      log(11),
    ])
    await second.close()
    // A later engine, which did not write the old objects, tells claims from epochs as well.
    const third = await opened(bucket, { retain: 3 })
    for (let epoch = 10; epoch <= 13; epoch++) {
      await snapshot(third, epoch)
      await settled()
    }
    expect(bucket.keys().filter((key) => key.startsWith('log'))).toEqual([1, 3, 12, 14, 15, 16].map(log))
  })

  it('tells claims from epochs by their sizes alone', async () => {
    const bucket = new MemoryBucket()
    const storage = await opened(bucket)
    for (let bytes = 0; bytes < 1100; bytes++) await storage.append(bytes + 1, Buffer.alloc(bytes))
    const claims = bucket.keys().filter((key) => bucket.objects.get(key)!.length % 1024 === 0)
    expect(claims).toEqual([log(1)])
  })

  it('removes parts of snapshots that were given up', async () => {
    const bucket = new MemoryBucket()
    const storage = await opened(bucket, { partBytes: 1 })
    const given = await storage.beginBase(1)
    await given.write(text('lost'))
    await given.abort()
    await storage.append(1, text('one'))
    await snapshot(storage, 2)
    await settled()
    expect(bucket.keys().filter((key) => key.startsWith(base(2)))).toEqual([])
  })

  it('goes on when old objects cannot be removed', async () => {
    const bucket = new MemoryBucket()
    const warnings: unknown[] = []
    const logger = {
      ...silent,
      warn: (fields: object, message: string) => void warnings.push([fields, message]),
    }
    const storage = await opened(
      bucket,
      { logger },
      { before: ({ kind }) => (kind === 'remove' ? 'fail' : 'work') },
    )
    for (let epoch = 1; epoch <= 3; epoch++) {
      await snapshot(storage, epoch)
      await settled()
    }
    expect(warnings).not.toEqual([])
    await storage.close()
    expect(await contents(await openedUnread(bucket))).toEqual(['base 3', 'epoch 3'])
  })

  it('reads the objects of a long log side by side, in order', async () => {
    const bucket = new MemoryBucket()
    const writer = await opened(bucket)
    const all = Array.from({ length: 100 }, (_, at) => `epoch ${at + 1}`)
    for (const [at, content] of all.entries()) await writer.append(at + 1, text(content))
    let underWay = 0
    let most = 0
    const reader = storageOf(
      bucket,
      {},
      {
        before: async ({ kind }): Promise<StoreFate> => {
          if (kind !== 'get') return 'work'
          most = Math.max(most, ++underWay)
          await settled()
          underWay--
          return 'work'
        },
      },
    )
    await reader.open()
    expect(await contents(reader)).toEqual(all)
    expect(most).toBe(16)
  })
})

describe('damage in a bucket', () => {
  async function written(): Promise<MemoryBucket> {
    const bucket = new MemoryBucket()
    const storage = await opened(bucket, { partBytes: 1 })
    await storage.append(1, text('one'))
    const writer = await storage.beginBase(2)
    await storage.append(2, text('two'))
    for (const chunk of ['a', 'b']) await writer.write(text(chunk))
    await writer.publish()
    await storage.append(3, text('three'))
    await storage.append(4, text('four'))
    await storage.close()
    return bucket
  }
  const recover = async (bucket: MemoryBucket) => contents(await openedUnread(bucket))

  it.each([
    ['a slot in the middle', log(4)],
    ['the slot of the snapshot', log(3)],
    ['a part', `${base(3)}/part-000001.sfbase`],
  ])('is found when %s is missing', async (_, key) => {
    const bucket = await written()
    expect(bucket.objects.delete(key)).toBe(true)
    await expect(recover(bucket)).rejects.toMatchObject({
      code: 'SF_CHECKPOINT_CORRUPT',
      where: `memory://bucket/${key}`,
    })
  })

  it.each([log(4), log(5), `${base(3)}/end`, `${base(3)}/part-000000.sfbase`])(
    'is found when a byte of %s is wrong or its end is missing',
    async (key) => {
      for (const change of [
        (object: Buffer) => object.fill(object.at(-1)! ^ 1, object.length - 1),
        (object: Buffer) => object.subarray(0, -1),
        () => Buffer.alloc(0),
      ]) {
        const bucket = await written()
        bucket.objects.set(key, change(Buffer.from(bucket.objects.get(key)!)))
        await expect(recover(bucket)).rejects.toMatchObject({
          code: 'SF_CHECKPOINT_CORRUPT',
          where: `memory://bucket/${key}`,
        })
      }
    },
  )

  it('is found when a part is a whole object, but another one', async () => {
    const bucket = await written()
    bucket.objects.set(`${base(3)}/part-000000.sfbase`, bucket.objects.get(`${base(3)}/part-000001.sfbase`)!)
    await expect(recover(bucket)).rejects.toMatchObject({ code: 'SF_CHECKPOINT_CORRUPT' })
  })

  it('leaves the way back to the snapshot before', async () => {
    const bucket = await written()
    bucket.objects.set(`${base(3)}/end`, Buffer.alloc(3))
    await expect(recover(bucket)).rejects.toMatchObject({ code: 'SF_CHECKPOINT_CORRUPT' })
    bucket.objects.delete(`${base(3)}/end`)
    expect(await recover(bucket)).toEqual(['one', 'two', 'three', 'four'])
  })

  it.each([
    ['another engine', { owner: 'somebody' }],
    ['another claim', { claim: 3 }],
    ['another slot', { slot: 9 }],
    ['another checkpoint', { lineage: 'another' }],
  ])('is found when a slot holds an epoch of %s', async (_, over) => {
    const bucket = await written()
    const object = Buffer.from(bucket.objects.get(log(4))!)
    const { format, ...header } = JSON.parse(
      object.subarray(13, 13 + object.readUInt32LE(5)).toString(),
    ) as ObjectHeader & { format: number }
    expect(format).toBe(1)
    const frames = [{ kind: FrameKind.epoch, payload: text('x') }]
    bucket.objects.set(log(4), encodeObject({ ...header, ...over }, frames))
    await expect(recover(bucket)).rejects.toMatchObject({
      code: 'SF_CHECKPOINT_CORRUPT',
      where: `memory://bucket/${log(4)}`,
    })
  })
})

describe('writes of a bucket that go wrong', () => {
  it('count when the first try of a repeated write had succeeded', async () => {
    const bucket = new MemoryBucket()
    const storage = await opened(bucket, {}, { before: () => 'repeat' })
    await storage.append(1, text('one'))
    await storage.append(2, text('two'))
    await storage.close()
    expect(await contents(await openedUnread(bucket))).toEqual(['one', 'two'])
  })

  it.each([
    ['had no effect', 'fail', ['one']],
    ['were done all the same', 'lose', ['one', 'two']],
  ] as const)(
    'end the job when they %s; the next one goes on from what is there',
    async (_, fate, expected) => {
      const bucket = new MemoryBucket()
      let current: 'work' | 'fail' | 'lose' = 'work'
      const storage = await opened(bucket, {}, { before: () => current })
      await storage.append(1, text('one'))
      current = fate
      await expect(storage.append(2, text('two'))).rejects.toMatchObject({
        code: 'SF_OBJECT_STORE_UNAVAILABLE',
      })
      await storage.close()
      const next = await openedUnread(bucket)
      expect(await contents(next)).toEqual(expected)
      await next.append(expected.length + 1, text('more'))
      await next.close()
      expect(await contents(await openedUnread(bucket))).toEqual([...expected, 'more'])
    },
  )

  it('end at once when nobody waits any more', async () => {
    const bucket = new MemoryBucket()
    let away = false
    const storage = await opened(
      bucket,
      {},
      { before: () => (away ? new Promise<never>(() => undefined) : 'work') },
    )
    away = true
    const appended = storage.append(1, text('one'))
    storage.interrupt()
    await expect(appended).rejects.toMatchObject({ code: 'SF_OBJECT_STORE_CLOSED' })
    await storage.close()
  })
})

const silent = { debug() {}, info() {}, warn() {}, error() {} }
