import { describe, expect, it } from 'vitest'
import { contents, newerFormat, type StoragePlace, storageCases } from '../../test/storage-cases.ts'
import { encodeObject, type ObjectHeader } from './checkpoint-objects.ts'
import { FrameKind } from './frame.ts'
import { ObjectStorage, type ObjectStorageOptions } from './object-storage.ts'
import { MemoryBucket, type MemoryStoreOptions, type StoreFate } from './testing/memory-bucket.ts'

/** Lets what runs in the background end. */
const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 5))

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

function storageOf(
  bucket: MemoryBucket,
  over: Partial<ObjectStorageOptions> = {},
  store: MemoryStoreOptions = {},
): ObjectStorage {
  return new ObjectStorage({ store: bucket.store(store), app: 'app', ...over })
}

async function opened(
  bucket: MemoryBucket,
  over: Partial<ObjectStorageOptions> = {},
  store: MemoryStoreOptions = {},
): Promise<ObjectStorage> {
  const storage = storageOf(bucket, over, store)
  await storage.open()
  await contents(storage)
  return storage
}

const text = (value: string) => Buffer.from(value)
const log = (slot: number) => `log-${String(slot).padStart(16, '0')}.sflog`
const base = (slot: number) => `base-${String(slot).padStart(16, '0')}`

async function snapshot(storage: ObjectStorage, epoch: number): Promise<void> {
  const writer = await storage.beginBase(epoch)
  await storage.append(epoch, text(`epoch ${epoch}`))
  await writer.write(text(`base ${epoch}`))
  await writer.publish()
}

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

describe('two engines on one prefix', () => {
  it('the newer one goes on, the older one stops with its next epoch', async () => {
    const bucket = new MemoryBucket()
    const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5) }
    let id = 0
    const newId = () => `uuid-${++id}`
    const older = await opened(bucket, { newId })
    await older.append(1, text('one'))
    const newer = storageOf(bucket, { clock, newId })
    await newer.open()
    await expect(older.append(2, text('two'))).rejects.toMatchObject({
      code: 'SF_ENGINE_FENCED',
      where: `memory://bucket/${log(3)}`,
      message: expect.stringMatching(/\(uuid-3 on \S+ since 2026-01-02T03:04:05\.000Z\)/),
    })
    expect(await contents(newer)).toEqual(['one'])
    await newer.append(2, text('other two'))
    await expect(older.append(2, text('two'))).rejects.toMatchObject({ code: 'SF_ENGINE_FENCED' })
    expect(await contents(await openedUnread(bucket))).toEqual(['one', 'other two'])
  })

  it('an epoch that is on its way at the takeover is either replayed or refused', async () => {
    for (const early of [true, false]) {
      const bucket = new MemoryBucket()
      const sent = Promise.withResolvers<void>()
      let slow = false
      const older = await opened(
        bucket,
        {},
        {
          before: async (): Promise<StoreFate> => {
            if (slow) await sent.promise
            return 'work'
          },
        },
      )
      await older.append(1, text('one'))
      slow = true
      const late = older.append(2, text('two')).then(
        () => 'durable',
        (error: { code: string }) => error.code,
      )
      if (early) sent.resolve()
      if (early) await late
      const newer = await openedUnread(bucket)
      sent.resolve()
      expect(await contents(newer)).toEqual(early ? ['one', 'two'] : ['one'])
      expect(await late).toBe(early ? 'durable' : 'SF_ENGINE_FENCED')
    }
  })

  it('an engine that wakes up after its place in the log was removed stops as well', async () => {
    const bucket = new MemoryBucket()
    const older = await opened(bucket)
    await older.append(1, text('one'))
    const newer = await opened(bucket)
    for (let epoch = 2; epoch <= 6; epoch++) {
      await snapshot(newer, epoch)
      await settled()
    }
    // Slots 2 and 4 held epochs; 3 is the claim that stands in the older engine's way.
    expect(bucket.keys().filter((key) => key < log(7) && key.startsWith('log'))).toEqual([1, 3].map(log))
    await expect(older.append(2, text('two'))).rejects.toMatchObject({ code: 'SF_ENGINE_FENCED' })
  })

  it.each([1, 6])(
    'an engine that is overtaken before it has read the log stops, %i epochs later',
    async (epochs) => {
      const bucket = new MemoryBucket()
      await (await opened(bucket)).append(1, text('one'))
      const older = await openedUnread(bucket)
      const newer = await opened(bucket)
      for (let epoch = 2; epoch < 2 + epochs; epoch++) {
        await snapshot(newer, epoch)
        await settled()
      }
      await expect(contents(older)).rejects.toMatchObject({ code: 'SF_ENGINE_FENCED' })
    },
  )

  it('an engine that starts reads what was there at its claim, not what it had listed before', async () => {
    const bucket = new MemoryBucket()
    const active = await opened(bucket)
    await active.append(1, text('one'))
    await active.append(2, text('two'))
    let requests = 0
    const store: MemoryStoreOptions = {
      pageSize: 1,
      before: async (): Promise<StoreFate> => {
        // Snapshots and the first three slots are listed: two of those go now, and what follows leaves no gap.
        if (++requests !== 5) return 'work'
        for (let epoch = 3; epoch <= 4; epoch++) {
          await snapshot(active, epoch)
          await settled()
        }
        return 'work'
      },
    }
    const newer = storageOf(bucket, {}, store)
    await newer.open()
    expect(bucket.keys()).not.toContain(log(2))
    expect((await contents(newer)).at(-1)).toBe('epoch 4')
  })

  it('an engine that starts while another one removes what it has listed looks again', async () => {
    const bucket = new MemoryBucket()
    const active = await opened(bucket)
    await active.append(1, text('one'))
    let gone = false
    const store: MemoryStoreOptions = {
      before: async (): Promise<StoreFate> => {
        // The second request after the listing of snapshots and log.
        if (!gone && ++requests === 3) {
          gone = true
          for (let epoch = 2; epoch <= 6; epoch++) {
            await snapshot(active, epoch)
            await settled()
          }
        }
        return 'work'
      },
    }
    let requests = 0
    const newer = await opened(bucket, {}, store)
    expect(gone).toBe(true)
    await newer.append(7, text('seven'))
    await expect(active.append(7, text('other'))).rejects.toMatchObject({ code: 'SF_ENGINE_FENCED' })
  })

  it('an engine that was taken over publishes no snapshot', async () => {
    const bucket = new MemoryBucket()
    const older = await opened(bucket)
    const writer = await older.beginBase(1)
    await older.append(1, text('one'))
    await opened(bucket)
    await expect(writer.publish()).rejects.toMatchObject({ code: 'SF_ENGINE_FENCED' })
    expect(bucket.keys().some((key) => key.endsWith('/end'))).toBe(false)
  })

  it('a snapshot may be published while an epoch is being appended', async () => {
    const bucket = new MemoryBucket()
    const answered = Promise.withResolvers<void>()
    let slow = false
    const storage = await opened(
      bucket,
      {},
      {
        after: async ({ kind }) => {
          if (slow && kind === 'putNew') await answered.promise
        },
      },
    )
    const writer = await storage.beginBase(1)
    await storage.append(1, text('one'))
    slow = true
    const appended = storage.append(2, text('two'))
    await settled()
    await writer.publish()
    answered.resolve()
    await appended
  })

  it('engines that start at the same moment get claims of their own, and one goes on', async () => {
    const bucket = new MemoryBucket()
    const engines = [0, 1, 2].map(() => storageOf(bucket))
    await Promise.allSettled(engines.map((engine) => engine.open()))
    const results = await Promise.allSettled(
      engines.map(async (engine) => {
        await contents(engine)
        await engine.append(1, text('one'))
      }),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(new Set(engines.map(({ identity }) => identity.lineage)).size).toBe(1)
    expect(await contents(await openedUnread(bucket))).toEqual(['one'])
  })

  it('an engine that starts while the log goes on without it takes over at the end of it', async () => {
    const bucket = new MemoryBucket()
    const active = await opened(bucket)
    await active.append(1, text('one'))
    let held = false
    const starts = storageOf(
      bucket,
      {},
      {
        before: async ({ kind }): Promise<StoreFate> => {
          if (kind !== 'putNew' || held) return 'work'
          held = true
          // Its listing ends with epoch 1: by the time it claims the next slot, that is long gone.
          for (let epoch = 2; epoch <= 6; epoch++) {
            await snapshot(active, epoch)
            await settled()
          }
          bucket.objects.delete(log(3))
          return 'work'
        },
      },
    )
    await starts.open()
    expect(await contents(starts)).toEqual(['base 6', 'epoch 6'])
    await starts.append(7, text('seven'))
    await expect(active.append(7, text('other'))).rejects.toMatchObject({ code: 'SF_ENGINE_FENCED' })
    expect(await contents(await openedUnread(bucket))).toEqual(['base 6', 'epoch 6', 'seven'])
  })

  it.each([
    ['says so', { conditional: false }],
    ['does not say so', { conditional: false, claimsConditional: true }],
  ])('a store without conditional writes that %s is found out, with one warning', async (_, store) => {
    const bucket = new MemoryBucket()
    const warnings: string[] = []
    const logger = { ...silent, warn: (_fields: object, message: string) => void warnings.push(message) }
    const storage = await opened(bucket, { logger }, store)
    await storage.append(1, text('one'))
    expect(warnings).toEqual([expect.stringContaining('no conditional writes')])
    await storage.close()
    expect(await contents(await openedUnread(bucket))).toEqual(['one'])
  })
})

const silent = { debug() {}, info() {}, warn() {}, error() {} }

async function openedUnread(bucket: MemoryBucket): Promise<ObjectStorage> {
  const storage = storageOf(bucket)
  await storage.open()
  return storage
}
