import { describe, expect, it } from 'vitest'
import { log, opened, openedUnread, settled, snapshot, storageOf, text } from '../../test/object-storages.ts'
import { contents } from '../../test/storage-cases.ts'
import { MemoryBucket, type MemoryStoreOptions, type StoreFate } from './testing/memory-bucket.ts'

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
