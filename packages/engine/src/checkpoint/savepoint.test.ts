import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CoreHarness, response, text } from '../core/testing/core-harness.ts'
import { folderPlace } from './checkpoint-place.ts'
import { encodeBase } from './encode-epoch.ts'
import type { FileStorage } from './file-storage.ts'
import { restore } from './restore.ts'
import { restoreSavepoint, writeSavepoint } from './savepoint.ts'
import type { CheckpointStorage } from './storage.ts'
import { encoded, picture } from './testing/replay.ts'

let folder: string
let origin: CheckpointStorage
let harness: CoreHarness
let records: [string, string][]
let feed: ReturnType<CoreHarness['feed']>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'statefun-savepoint-'))
  origin = place('origin').storage('app')
  await origin.open({ tornTail: () => undefined })
  for await (const _ of origin.recover()) expect.unreachable()
  harness = new CoreHarness({ policy: { type: 'park' } })
  const type = harness.core.types.get('test', 'fn', 'test')
  type.register({ stateName: 'seen', typename: 'test/text', expireMode: 'none', expireAfterMs: 0 })
  records = []
  feed = harness.feed(records, ['fn'])
})
afterEach(async () => {
  await origin.close()
  await rm(folder, { recursive: true, force: true })
})

const place = (name: string) => folderPlace(join(folder, name))

/** Every kind of content: states, a delayed message, parked messages, and messages that nobody has answered. */
function work(round: number): void {
  records.push([`a${round}`, 'set'], [`b${round}`, 'fail'], [`c${round}`, 'wait'])
  harness.run(feed)
  for (const { instance } of harness.calls.splice(0)) {
    if (instance.id === `b${round}`) {
      harness.core.failed(instance, new StatefunError('SF_TEST', 'boom'), harness.now)
    } else if (instance.id === `a${round}`) {
      const target = { namespace: 'test', type: 'fn', id: instance.id }
      const delayed = { delayMs: 60_000, target, argument: text('later'), token: `t${round}` }
      const mutation = { stateName: 'seen', value: text(`round ${round}`) }
      harness.core.answered(
        instance,
        response({ state: [mutation], delayed: [{ kind: 'send', ...delayed }] }),
        harness.now,
      )
    }
  }
}

async function seal(storage: CheckpointStorage): Promise<number> {
  const sealed = harness.core.seal(harness.now)
  await storage.append(sealed.epoch, encoded(sealed))
  return sealed.epoch
}

async function restored(storage: CheckpointStorage) {
  const other = new CoreHarness({ policy: { type: 'park' } })
  const { epoch, outboxes } = await restore(storage, other.core, harness.now)
  return { picture: picture(other), epoch, outboxes }
}

async function snapshot(storage: CheckpointStorage): Promise<void> {
  const base = await storage.beginBase(harness.core.epoch)
  const { core, now } = harness
  await seal(storage)
  const content = { types: core.types, timers: core.timers.scan(), parked: core.parkedInstances() }
  for (const chunk of encodeBase({ ...content, epoch: core.epoch, time: now })) await base.write(chunk)
  await seal(storage)
  await base.publish()
}

it.each([false, true])(
  'gives back everything, in a checkpoint of its own (snapshot: %s)',
  async (snapshots) => {
    work(1)
    await seal(origin)
    if (snapshots) await snapshot(origin)
    work(2)
    harness.outboxes = [{ egress: 'test/out', published: 1, values: Buffer.from('emitted') }]
    const epoch = await seal(origin)
    const expected = picture(harness)
    // What comes after the epoch is not in it, nor is an engine that goes on in the way.
    work(3)
    await seal(origin)

    const progress: number[] = []
    const copied = await writeSavepoint(origin.reader!(), place('savepoint'), { epoch, from: 'origin' })
    expect(copied).toEqual({ app: 'app', epoch, bytes: expect.any(Number) })
    const savepoint = place('savepoint').reader()
    expect(await savepoint.list()).toMatchObject({
      identity: { app: 'app', lineage: origin.identity.lineage },
      savepoint: true,
      newestEpoch: epoch,
    })
    // The origin is not needed any more.
    await origin.close()
    await rm(join(folder, 'origin'), { recursive: true })
    const target = place('target')
    await restoreSavepoint(savepoint, target, {
      from: 'savepoint',
      progress: (bytes) => void progress.push(bytes),
    })
    const storage = target.storage('app')
    await storage.open({ tornTail: () => undefined })
    expect(await restored(storage)).toEqual({
      picture: expected,
      epoch,
      outboxes: new Map([
        [
          'test/out',
          { published: 1, unpublished: [{ epoch, values: new Uint8Array(Buffer.from('emitted')) }] },
        ],
      ]),
    })
    expect(storage.identity.lineage).not.toBe(origin.identity.lineage)
    expect(storage.identity.parent).toEqual({ lineage: origin.identity.lineage, epoch })
    await storage.append(epoch + 1, encoded({ ...harness.core.seal(harness.now), epoch: epoch + 1 }))
    await storage.close()
    expect((await target.reader().list())!.newestEpoch).toBe(epoch + 1)
  },
)

it('refuses a place that is not empty, and no engine works with a savepoint', async () => {
  work(1)
  await seal(origin)
  const to = place('savepoint')
  await writeSavepoint(origin.reader!(), to, { from: 'origin' })
  await expect(writeSavepoint(origin.reader!(), to, { from: 'origin' })).rejects.toMatchObject({
    code: 'SF_SAVEPOINT_TARGET_NOT_EMPTY',
    where: join(folder, 'savepoint'),
  })
  const storage = to.storage('app')
  await storage.open({ tornTail: () => undefined })
  await expect(restored(storage)).rejects.toMatchObject({ code: 'SF_CHECKPOINT_IS_SAVEPOINT' })
  await storage.close()
  expect((await readdir(join(folder, 'savepoint'))).filter((name) => !name.startsWith('log-'))).toEqual([])
})

it('can be restored for another app', async () => {
  work(1)
  await seal(origin)
  await restoreSavepoint(origin.reader!(), place('other'), { from: 'origin', app: 'other' })
  expect((await place('other').reader().list())!.identity.app).toBe('other')
})

it('says which epochs there are when another one is asked for', async () => {
  for (let round = 1; round < 6; round++) {
    work(round)
    await seal(origin)
    await snapshot(origin)
  }
  const reader = (origin as FileStorage).reader()
  const { snapshots, newestEpoch } = (await reader.list())!
  expect(snapshots.map(({ firstEpoch, validFrom }) => [firstEpoch, validFrom])).toEqual([
    [11, 12],
    [14, 15],
  ])
  expect(newestEpoch).toBe(15)
  const take = (epoch: number) => writeSavepoint(reader, place(`at-${epoch}`), { epoch, from: 'origin' })
  await expect(take(11)).rejects.toMatchObject({
    code: 'SF_CHECKPOINT_NO_EPOCH',
    hint: expect.stringContaining('oldest epoch is 12'),
  })
  await expect(take(16)).rejects.toMatchObject({ code: 'SF_CHECKPOINT_NO_EPOCH' })
  for (const epoch of [12, 13, 14, 15]) {
    await take(epoch)
    expect((await place(`at-${epoch}`).reader().list())!.newestEpoch).toBe(epoch)
  }
  await expect(
    writeSavepoint(place('nothing').reader(), place('x'), { from: 'nothing' }),
  ).rejects.toMatchObject({
    code: 'SF_CHECKPOINT_MISSING',
    where: 'nothing',
  })
})

it('leaves nothing behind when it is given up', async () => {
  work(1)
  await seal(origin)
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(
    writeSavepoint(origin.reader!(), place('savepoint'), { from: 'origin', signal }),
  ).rejects.toThrow('enough')
  expect(await readdir(join(folder, 'savepoint'))).toEqual([])
})

it('reads files that are removed while it reads', async () => {
  work(1)
  await seal(origin)
  await snapshot(origin)
  await cp(join(folder, 'origin'), join(folder, 'copy'), { recursive: true })
  const frames = place('copy').reader().frames()
  const first = await frames[Symbol.asyncIterator]().next()
  expect(first.done).toBe(false)
  await rm(join(folder, 'copy'), { recursive: true })
  let epochs = 0
  for await (const _ of frames) epochs++
  expect(epochs).toBe(2)
})
