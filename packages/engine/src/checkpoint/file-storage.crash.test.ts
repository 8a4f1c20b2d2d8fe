import { expect, it } from 'vitest'
import { ByteWriter } from './byte-writer.ts'
import { readPrologue } from './decode-epoch.ts'
import { FileReader } from './file-reader.ts'
import { FileStorage } from './file-storage.ts'
import { FrameKind } from './frame.ts'
import type { BaseWriter } from './storage.ts'
import { CrashingFileSystem, type Random } from './testing/crashing-file-system.ts'

const FOLDER = '/checkpoint'

/** A generator of its own for each seed (mulberry32). */
function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Begins as an epoch does; more or less text follows, with a frame's magic in it now and then. */
function payload(epoch: number, random: Random): Buffer {
  const out = new ByteWriter()
  out.varint(epoch)
  out.double(1000 + epoch)
  out.text(random() < 0.2 ? 'SFC1'.repeat(5) : 'x'.repeat(Math.floor(random() * 40)))
  return out.finish()
}

interface Run {
  /** The last epoch whose append settled. */
  settled: number
  /** The last one that was begun. */
  begun: number
}

/** An engine's life: recovers, then appends epochs and writes snapshots until something ends it. */
async function live(fileSystem: CrashingFileSystem, random: Random, run: Run, retain: number): Promise<void> {
  const storage = new FileStorage(FOLDER, 'app', { fileSystem, retain })
  await storage.open({ tornTail: () => undefined })
  try {
    let next: number | undefined
    let base: number | undefined
    for await (const frame of storage.recover()) {
      const { epoch } = readPrologue(frame.payload)
      if (frame.kind === FrameKind.baseChunk) base = epoch
      else {
        expect(epoch).toBe(next ?? base ?? 1)
        next = epoch + 1
      }
    }
    next ??= base ?? 1
    expect(next - 1).toBeGreaterThanOrEqual(run.settled)
    expect(next - 1).toBeLessThanOrEqual(run.begun)
    run.settled = next - 1
    let writer: BaseWriter | undefined
    for (let left = 30; left > 0; left--) {
      if (writer === undefined && random() < 0.2) {
        writer = await storage.beginBase(next)
        await writer.write(payload(next, random))
      }
      run.begun = next
      await storage.append(next, payload(next, random))
      run.settled = next++
      if (writer !== undefined && random() < 0.4) {
        if (random() < 0.3) await writer.abort()
        else await writer.publish()
        writer = undefined
      }
    }
  } finally {
    await storage.close()
  }
}

it.each([1, 2, 3])('loses no epoch that was durable, whatever a crash keeps (retain %i)', async (retain) => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seeded(seed * 10 + retain)
    const fileSystem = new CrashingFileSystem(random)
    const run: Run = { settled: 0, begun: 0 }
    for (let lives = 0; lives < 8; lives++) {
      const end = Math.floor(random() * 150)
      const how = random()
      const from = fileSystem.operations
      const { promise: over, resolve } = Promise.withResolvers<void>()
      fileSystem.before = () => {
        if (fileSystem.operations - from < end) return
        if (how < 0.3) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
        fileSystem.before = () => undefined
        if (how < 0.5) fileSystem.kill()
        else fileSystem.crash()
        resolve()
      }
      const ended = live(fileSystem, random, run, retain).catch((error: unknown) => {
        if ((error as { code?: string }).code === 'ENOSPC') return
        if ((error as { code?: string }).code !== 'SF_CHECKPOINT_WRITE') throw error
      })
      await Promise.race([ended, over]).catch((cause: unknown) => {
        throw new Error(`seed ${seed}, life ${lives}`, { cause })
      })
      // Full disks have room again, and stay up.
      fileSystem.before = () => undefined
      if (how < 0.3) fileSystem.kill()
      const listing = await new FileReader(FOLDER, fileSystem).list()
      expect(listing?.newestEpoch ?? 0).toBeGreaterThanOrEqual(run.settled)
      for (const { firstEpoch } of listing?.snapshots ?? []) {
        let last = 0
        for await (const frame of new FileReader(FOLDER, fileSystem).frames({ snapshot: firstEpoch }))
          last = readPrologue(frame.payload).epoch
        expect(last).toBe(listing!.newestEpoch)
      }
      fileSystem.kill()
    }
  }
})

it('appends nothing behind a write that failed, and goes on once there is room', async () => {
  const fileSystem = new CrashingFileSystem(() => 0.5)
  const open = async () => {
    const storage = new FileStorage(FOLDER, 'app', { fileSystem })
    await storage.open({ tornTail: () => undefined })
    const epochs: number[] = []
    for await (const { payload } of storage.recover()) epochs.push(readPrologue(payload).epoch)
    return { storage, epochs }
  }
  const first = await open()
  await first.storage.append(
    1,
    payload(1, () => 1),
  )
  // The disk stays full: not even the half frame can be taken away.
  fileSystem.before = (operation) => {
    if (['append', 'truncate', 'sync'].includes(operation))
      throw Object.assign(new Error('full'), { code: 'ENOSPC' })
  }
  const full = { code: 'SF_CHECKPOINT_WRITE', hint: expect.stringContaining('make room') }
  await expect(
    first.storage.append(
      2,
      payload(2, () => 1),
    ),
  ).rejects.toMatchObject(full)
  fileSystem.before = () => undefined
  await expect(
    first.storage.append(
      2,
      payload(2, () => 1),
    ),
  ).rejects.toMatchObject(full)
  await expect(first.storage.beginBase(2)).rejects.toMatchObject(full)
  await first.storage.close()
  const second = await open()
  expect(second.epochs).toEqual([1])
  await second.storage.append(
    2,
    payload(2, () => 1),
  )
  await second.storage.close()
  fileSystem.crash()
  expect((await open()).epochs).toEqual([1, 2])
})
