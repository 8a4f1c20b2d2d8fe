import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newerFormat, storageCases } from '../../test/storage-cases.ts'
import { FileStorage, type FileStorageOptions } from './file-storage.ts'

storageCases('FileStorage', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'statefun-storage-'))
  const newestLog = async () =>
    join(
      folder,
      (await readdir(folder))
        .filter((name) => name.startsWith('log-'))
        .sort()
        .at(-1)!,
    )
  return {
    storage: (app) => new FileStorage(folder, app),
    async raiseFormat() {
      await writeFile(await newestLog(), newerFormat())
    },
    async damage() {
      const path = await newestLog()
      const bytes = await readFile(path)
      bytes[bytes.indexOf('two')]! ^= 1
      await writeFile(path, bytes)
    },
    settled: async () => undefined,
    async size() {
      const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size)
      return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0)
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  }
})

let dir: string
const torn: { file: string; offset: number; bytes: number }[] = []
const report = {
  tornTail: (file: string, offset: number, bytes: number) => void torn.push({ file, offset, bytes }),
}

beforeEach(async () => {
  torn.length = 0
  dir = await mkdtemp(join(tmpdir(), 'statefun-storage-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function withStorage<T>(
  use: (storage: FileStorage) => Promise<T>,
  app = 'app',
  options: FileStorageOptions = { retain: 1 },
): Promise<T> {
  const storage = new FileStorage(dir, app, options)
  await storage.open(report)
  try {
    return await use(storage)
  } finally {
    await storage.close()
  }
}

async function contents(storage: FileStorage): Promise<string[]> {
  const found: string[] = []
  for await (const { payload } of storage.recover()) found.push(payload.toString())
  return found
}

async function logFile(): Promise<string> {
  const name = (await readdir(dir))
    .filter((file) => file.startsWith('log-'))
    .sort()
    .at(-1)
  return join(dir, name!)
}

const append = (first: number, ...payloads: string[]) =>
  withStorage(async (storage) => {
    await contents(storage)
    for (const [index, payload] of payloads.entries())
      await storage.append(first + index, Buffer.from(payload))
  })

describe('a checkpoint folder', () => {
  it('gives back what was appended, over several runs', async () => {
    await append(1, 'one', 'two')
    await append(3, 'three')
    expect(await withStorage(contents)).toEqual(['one', 'two', 'three'])
  })

  it('is empty at first', async () => {
    expect(await withStorage(contents)).toEqual([])
  })

  it.each([1, 5, 14])(
    'cuts off a torn tail of %i bytes, reports it, and can be appended to',
    async (kept) => {
      await append(1, 'one')
      const whole = (await stat(await logFile())).size
      const before = await logFile()
      await append(2, 'two')
      const second = await logFile()
      expect(second).not.toBe(before)
      // A crash in the middle of the write of an epoch leaves a part of its frame.
      const frame = (await readFile(before)).subarray(whole - 16)
      await appendFile(second, frame.subarray(0, kept))
      expect(await withStorage(contents)).toEqual(['one', 'two'])
      await append(3, 'three')
      expect(torn).toEqual([{ file: second, offset: expect.any(Number), bytes: kept }])
      expect(await withStorage(contents)).toEqual(['one', 'two', 'three'])
    },
  )

  it('treats a last frame with a wrong checksum as torn', async () => {
    await append(1, 'one', 'two')
    const path = await logFile()
    const bytes = await readFile(path)
    bytes[bytes.length - 1]! ^= 1
    await writeFile(path, bytes)
    expect(await withStorage(contents)).toEqual(['one'])
  })

  it('refuses damage in the middle, with the file and the offset', async () => {
    await append(1, 'one', 'two', 'three')
    const path = await logFile()
    const bytes = await readFile(path)
    const at = bytes.indexOf('two')
    bytes[at]! ^= 1
    await writeFile(path, bytes)
    await expect(withStorage(contents)).rejects.toMatchObject({
      code: 'SF_CHECKPOINT_CORRUPT',
      where: `${path} at byte ${at - 13}`,
    })
  })

  it('refuses an earlier file that ends too early', async () => {
    await append(1, 'one')
    const path = await logFile()
    await append(2, 'two')
    await truncate(path, (await stat(path)).size - 2)
    await expect(withStorage(contents)).rejects.toMatchObject({ code: 'SF_CHECKPOINT_CORRUPT' })
  })

  it('refuses the checkpoint of another app', async () => {
    await append(1, 'one')
    await expect(withStorage(contents, 'other')).rejects.toMatchObject({
      code: 'SF_CHECKPOINT_FOREIGN',
      where: await logFile(),
    })
  })

  it('recovers from a published snapshot and the epochs since, and removes what it replaces', async () => {
    await append(1, 'one', 'two')
    await withStorage(async (storage) => {
      await contents(storage)
      const base = await storage.beginBase(3)
      await storage.append(3, Buffer.from('three'))
      await base.write(Buffer.from('base'))
      await base.publish()
      await storage.append(4, Buffer.from('four'))
    })
    expect((await readdir(dir)).sort()).toEqual([
      'base-0000000000000003.sfbase',
      'log-0000000000000003.sflog',
    ])
    expect(await withStorage(contents)).toEqual(['base', 'three', 'four'])
  })

  it('keeps as many snapshots as it is told, with the logs that belong to them', async () => {
    await withStorage(
      async (storage) => {
        await contents(storage)
        for (let epoch = 1; epoch < 7; epoch += 2) {
          await storage.append(epoch, Buffer.from(`${epoch}`))
          const base = await storage.beginBase(epoch + 1)
          await base.write(Buffer.from('base'))
          await storage.append(epoch + 1, Buffer.from(`${epoch + 1}`))
          await base.publish()
          const names = (await readdir(dir))
            .filter((name) => name !== 'lock')
            .map((name) => name.replace(/0{2,}/, ''))
          if (epoch === 1) expect(names.sort()).toEqual(['base-2.sfbase', 'log-1.sflog', 'log-2.sflog'])
          else
            expect(names.sort()).toEqual([
              `base-${epoch - 1}.sfbase`,
              `base-${epoch + 1}.sfbase`,
              `log-${epoch - 1}.sflog`,
              `log-${epoch + 1}.sflog`,
            ])
        }
      },
      'app',
      {},
    )
    expect(await withStorage(contents, 'app', {})).toEqual(['base', '6'])
    await rm(join(dir, 'base-0000000000000006.sfbase'))
    expect(await withStorage(contents, 'app', {})).toEqual(['base', '4', '5', '6'])
  })

  it('ignores a snapshot that was not published', async () => {
    await append(1, 'one')
    await withStorage(async (storage) => {
      await contents(storage)
      const base = await storage.beginBase(2)
      await storage.append(2, Buffer.from('two'))
      await base.write(Buffer.from('base'))
    })
    expect(await withStorage(contents)).toEqual(['one', 'two'])
    expect((await readdir(dir)).some((name) => name.endsWith('.tmp'))).toBe(false)
  })

  it('refuses a snapshot without its log', async () => {
    await withStorage(async (storage) => {
      await contents(storage)
      const base = await storage.beginBase(1)
      await base.write(Buffer.from('base'))
      await base.publish()
    })
    await rm(await logFile())
    await expect(withStorage(contents)).rejects.toMatchObject({ code: 'SF_CHECKPOINT_CORRUPT' })
  })

  it('keeps a second engine out, but not after a crash of the first', async () => {
    await withStorage(async () => {
      await expect(withStorage(contents)).rejects.toMatchObject({ code: 'SF_CHECKPOINT_LOCKED', where: dir })
    })
    await writeFile(join(dir, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, started: '1' }))
    expect(await withStorage(contents)).toEqual([])
    await writeFile(join(dir, 'lock'), 'rubbish')
    expect(await withStorage(contents)).toEqual([])
  })
})
