import { describe, expect, it } from 'vitest'
import { CoreHarness, response, text } from '../core/testing/core-harness.ts'
import { encodeBase } from './encode-epoch.ts'
import { FrameKind } from './frame.ts'
import { objectPlace } from './object-place.ts'
import { restore } from './restore.ts'
import { restoreSavepoint, writeSavepoint } from './savepoint.ts'
import type { CheckpointReader, CheckpointStorage, FramesOptions } from './storage.ts'
import { MemoryBucket, type MemoryStoreOptions } from './testing/memory-bucket.ts'
import { encoded, picture } from './testing/replay.ts'

const REPORT = { tornTail: () => undefined }
const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

/** A place in memory with an app that works on it. */
class App {
  readonly bucket = new MemoryBucket()
  readonly harness = new CoreHarness({ policy: { type: 'park' } })
  readonly #records: [string, string][] = []
  readonly #feed = this.harness.feed(this.#records, ['fn'])
  storage!: CheckpointStorage

  place(options: MemoryStoreOptions = {}) {
    return objectPlace(() => this.bucket.store(options), { partBytes: 1 })
  }

  static async start(): Promise<App> {
    const app = new App()
    const type = app.harness.core.types.get('test', 'fn', 'test')
    type.register({ stateName: 'seen', typename: 'test/text', expireMode: 'none', expireAfterMs: 0 })
    await app.reopen()
    return app
  }

  /** Another engine takes over. */
  async reopen(): Promise<void> {
    this.storage = this.place().storage('app')
    await this.storage.open(REPORT)
    for await (const _ of this.storage.recover());
  }

  /** Works on a message and makes an epoch durable; returns its number. */
  async epoch(): Promise<number> {
    const { harness } = this
    this.#records.push([`id ${harness.core.epoch}`, 'set'])
    harness.run(this.#feed)
    for (const { instance } of harness.calls.splice(0)) {
      const state = [{ stateName: 'seen', value: text(`in ${harness.core.epoch}`) }]
      harness.core.answered(instance, response({ state }), harness.now)
    }
    harness.now += 1000
    const sealed = harness.core.seal(harness.now)
    await this.storage.append(sealed.epoch, encoded(sealed))
    return sealed.epoch
  }

  /** Takes two epochs: the one that it begins with, and the one from which on it is good. */
  async snapshot(): Promise<void> {
    const { core, now } = this.harness
    const base = await this.storage.beginBase(core.epoch)
    await this.epoch()
    const content = { types: core.types, timers: core.timers.scan(), parked: core.parkedInstances() }
    for (const chunk of encodeBase({ ...content, epoch: core.epoch, time: now, chunkBytes: 100 })) {
      await base.write(chunk)
    }
    await this.epoch()
    await base.publish()
    await settled()
  }
}

async function restored(storage: CheckpointStorage) {
  await storage.open(REPORT)
  const harness = new CoreHarness({ policy: { type: 'park' } })
  const { epoch } = await restore(storage, harness.core, 0)
  return { picture: picture(harness), epoch }
}

async function kinds(reader: CheckpointReader, options?: FramesOptions): Promise<number[]> {
  const found: number[] = []
  for await (const { kind } of reader.frames(options)) found.push(kind)
  return found
}

const countOf = (all: number[], kind: number) => all.filter((each) => each === kind).length

describe('a reader of a checkpoint in a bucket', () => {
  it('finds nothing where nothing is, and no epoch where an engine has only started', async () => {
    const bucket = new MemoryBucket()
    const place = objectPlace(() => bucket.store())
    expect(await place.reader().list()).toBeUndefined()
    await place.storage('app').open(REPORT)
    expect(await place.reader().list()).toMatchObject({ identity: { app: 'app' }, newestEpoch: 0 })
  })

  it('lists snapshots and logs with their epochs and times, over claims', async () => {
    const app = await App.start()
    await app.epoch()
    await app.reopen()
    await app.epoch()
    const began = app.harness.now
    await app.snapshot()
    await app.reopen()
    await app.epoch()
    expect(await app.place().reader().list()).toEqual({
      identity: app.storage.identity,
      savepoint: false,
      snapshots: [
        { name: undefined, firstEpoch: 1, validFrom: 1, bytes: 0, time: undefined },
        {
          name: 'base-0000000000000005',
          firstEpoch: 3,
          validFrom: 4,
          bytes: expect.any(Number),
          time: expect.any(Number),
        },
      ],
      logs: [
        {
          name: 'log-0000000000000001.sflog',
          firstEpoch: 1,
          lastEpoch: 2,
          bytes: expect.any(Number),
          firstTime: began - 1000,
          lastTime: began,
        },
        {
          name: 'log-0000000000000005.sflog',
          firstEpoch: 3,
          lastEpoch: 5,
          bytes: expect.any(Number),
          firstTime: began + 1000,
          lastTime: began + 3000,
        },
      ],
      newestEpoch: 5,
      newestTime: began + 3000,
    })
  })

  it('leaves out the beginning once it was removed, though claims are left of it', async () => {
    const app = await App.start()
    for (let round = 0; round < 4; round++) {
      await app.epoch()
      await app.snapshot()
    }
    const { snapshots, newestEpoch } = (await app.storage.reader!().list())!
    expect(snapshots.map(({ firstEpoch, validFrom }) => [firstEpoch, validFrom])).toEqual([
      [8, 9],
      [11, 12],
    ])
    expect(newestEpoch).toBe(12)
    const reader = app.place().reader()
    const all = await kinds(reader)
    expect(countOf(all, FrameKind.epoch)).toBe(2)
    expect(countOf(all, FrameKind.baseChunk)).toBeGreaterThan(1)
    expect(countOf(await kinds(reader, { epoch: 11 }), FrameKind.epoch)).toBe(4)
    expect(countOf(await kinds(reader, { snapshot: 8 }), FrameKind.epoch)).toBe(5)
    await expect(kinds(reader, { epoch: 8 })).rejects.toMatchObject({ code: 'SF_CHECKPOINT_NO_EPOCH' })
    await expect(kinds(reader, { epoch: 13 })).rejects.toMatchObject({ code: 'SF_CHECKPOINT_NO_EPOCH' })
  })

  it('changes nothing', async () => {
    const app = await App.start()
    await app.snapshot()
    const before = app.bucket.keys()
    await app.place().reader().list()
    await kinds(app.place().reader())
    expect(app.bucket.keys()).toEqual(before)
    await app.epoch()
  })

  it('names a slot that is missing', async () => {
    const app = await App.start()
    for (let round = 0; round < 4; round++) await app.epoch()
    app.bucket.objects.delete('log-0000000000000003.sflog')
    await expect(app.place().reader().list()).rejects.toMatchObject({
      code: 'SF_CHECKPOINT_CORRUPT',
      where: 'memory://bucket/log-0000000000000003.sflog',
    })
  })

  it('says so when the engine removes what it reads', async () => {
    const app = await App.start()
    await app.snapshot()
    await app.epoch()
    const place = app.place({
      before: ({ kind, key }) => {
        if (kind === 'get' && key.includes('part-')) app.bucket.objects.clear()
        return 'work'
      },
    })
    await expect(kinds(place.reader())).rejects.toMatchObject({
      code: 'SF_CHECKPOINT_REMOVED',
      hint: expect.stringContaining('retain'),
    })
  })
})

describe('a snapshot whose newest epochs are missing', () => {
  it('is not taken for a whole one', async () => {
    const app = await App.start()
    await app.snapshot()
    app.bucket.objects.delete('log-0000000000000003.sflog')
    await expect(kinds(app.place().reader())).rejects.toMatchObject({
      code: 'SF_CHECKPOINT_CORRUPT',
      where: 'memory://bucket/log-0000000000000003.sflog',
    })
    const storage = app.place().storage('app')
    await expect(restored(storage)).rejects.toMatchObject({ code: 'SF_CHECKPOINT_CORRUPT' })
  })
})

describe('savepoints in buckets', () => {
  it.each([false, true])('give back everything (snapshot: %s)', async (withSnapshot) => {
    const app = await App.start()
    await app.epoch()
    if (withSnapshot) await app.snapshot()
    const epoch = await app.epoch()
    const expected = picture(app.harness)
    await app.epoch()
    const [savepoint, target] = [new MemoryBucket(), new MemoryBucket()]
    const at = (bucket: MemoryBucket) => objectPlace(() => bucket.store({ before: () => 'repeat' }))
    const { reader } = app.storage
    await writeSavepoint(reader!.call(app.storage), at(savepoint), { epoch, from: 'app' })
    expect(await at(savepoint).reader().list()).toMatchObject({ savepoint: true, newestEpoch: epoch })
    await expect(restored(at(savepoint).storage('app'))).rejects.toMatchObject({
      code: 'SF_CHECKPOINT_IS_SAVEPOINT',
    })
    await restoreSavepoint(at(savepoint).reader(), at(target), { from: 'savepoint' })
    const storage = at(target).storage('app')
    expect(await restored(storage)).toEqual({ picture: expected, epoch })
    expect(storage.identity).toEqual({
      app: 'app',
      lineage: expect.not.stringContaining(app.storage.identity.lineage),
      parent: { lineage: app.storage.identity.lineage, epoch },
    })
    // An engine goes on with it, and shortens it in time.
    const { harness } = app
    await storage.append(epoch + 1, encoded({ ...harness.core.seal(harness.now), epoch: epoch + 1 }))
    expect((await at(target).reader().list())!.newestEpoch).toBe(epoch + 1)
  })

  it('refuse a place that is not empty', async () => {
    const app = await App.start()
    await app.epoch()
    await expect(writeSavepoint(app.place().reader(), app.place(), { from: 'app' })).rejects.toMatchObject({
      code: 'SF_SAVEPOINT_TARGET_NOT_EMPTY',
      where: 'memory://bucket',
    })
  })

  it('leave nothing behind when they are given up', async () => {
    const app = await App.start()
    await app.snapshot()
    const target = new MemoryBucket()
    const aborted = new AbortController()
    const place = objectPlace(() =>
      target.store({
        before: () => {
          aborted.abort(new Error('enough'))
          return 'work'
        },
      }),
    )
    await expect(
      writeSavepoint(app.place().reader(), place, { from: 'app', signal: aborted.signal }),
    ).rejects.toThrow('enough')
    expect(target.keys()).toEqual([])
  })

  it('that were cut off are neither whole nor empty', async () => {
    const app = await App.start()
    await app.epoch()
    const target = new MemoryBucket()
    const place = objectPlace(() =>
      target.store({
        before: ({ kind, key }) => (kind === 'remove' || key.endsWith('end') ? 'fail' : 'work'),
      }),
    )
    await expect(writeSavepoint(app.place().reader(), place, { from: 'app' })).rejects.toMatchObject({
      code: 'SF_OBJECT_STORE_UNAVAILABLE',
    })
    await expect(kinds(objectPlace(() => target.store()).reader())).rejects.toMatchObject({
      code: 'SF_CHECKPOINT_CORRUPT',
    })
    await expect(writeSavepoint(app.place().reader(), place, { from: 'app' })).rejects.toMatchObject({
      code: 'SF_SAVEPOINT_TARGET_NOT_EMPTY',
    })
  })
})
