import { ObjectStorage, type ObjectStore } from '@statefun/engine'
import type { S3Options } from '@statefun/s3'
import { beforeAll, describe, expect, it } from 'vitest'
import { contents, newerFormat, storageCases } from '../../packages/engine/test/storage-cases.ts'
import { makeBucket, openStore, proxyOf, START_MS, type TestBucket } from '../../packages/s3/test/bucket.ts'

let shared: TestBucket
beforeAll(async () => {
  shared = await makeBucket()
}, START_MS)

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 500))
let prefixes = 0

storageCases('ObjectStorage in S3', async () => {
  const prefix = `cases/${++prefixes}`
  const store = openStore(shared.url(prefix), shared)
  const keys = async () => (await entries(store)).map(({ key }) => key)
  const replace = async (key: string, change: (object: Buffer) => Buffer) =>
    store.put(key, change(Buffer.from((await store.get(key))!)))
  return {
    storage: (app) => new ObjectStorage({ store: openStore(shared.url(prefix), shared), app, partBytes: 4 }),
    async raiseFormat() {
      await replace((await keys()).at(-1)!, () => newerFormat())
    },
    async damage() {
      await replace((await keys()).at(-2)!, (object) => object.fill(object.at(-1)! ^ 1, object.length - 1))
    },
    settled,
    size: async () => (await entries(store)).reduce((sum, { bytes }) => sum + bytes, 0),
    dispose: async () => undefined,
  }
})

async function entries(store: ObjectStore) {
  const found: { key: string; bytes: number }[] = []
  for await (const entry of store.list('')) found.push(entry)
  return found
}

async function opened(url: string, options: S3Options): Promise<ObjectStorage> {
  const storage = new ObjectStorage({ store: openStore(url, options), app: 'app' })
  await storage.open()
  await contents(storage)
  return storage
}

describe('checkpoints in S3', () => {
  it('two engines on one prefix: the newer one goes on, the older one stops', async () => {
    const url = shared.url('two')
    const older = await opened(url, shared)
    await older.append(1, Buffer.from('one'))
    const newer = await opened(url, shared)
    await expect(older.append(2, Buffer.from('lost'))).rejects.toMatchObject({ code: 'SF_ENGINE_FENCED' })
    await newer.append(2, Buffer.from('two'))
    const reader = new ObjectStorage({ store: openStore(url, shared), app: 'app' })
    await reader.open()
    expect(await contents(reader)).toEqual(['one', 'two'])
  })

  it.each(['cut', 'freeze', 'swallowAnswers'] as const)(
    'an endpoint that is gone for some seconds (%s) makes an epoch longer, never wrong',
    async (fault) => {
      const proxy = await proxyOf(shared.endpoint)
      const lines: [level: string, message: string][] = []
      const note = (level: string) => (_fields: object, message: string) => void lines.push([level, message])
      const logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }
      const url = shared.url(`gone-${fault}`, proxy.endpoint)
      const { credentials } = shared
      const storage = await opened(url, { credentials, logger, attemptTimeoutMs: 700 })
      const expected: string[] = []
      for (let epoch = 1; epoch <= 30; epoch++) {
        if (epoch % 10 === 5) {
          proxy[fault]()
          setTimeout(() => proxy.restore(), 2500)
        }
        expected.push(`epoch ${epoch}`)
        const began = performance.now()
        await storage.append(epoch, Buffer.from(`epoch ${epoch}`))
        if (epoch % 10 === 5) expect(performance.now() - began).toBeGreaterThan(2000)
      }
      // Once when it began and once when it was over.
      expect(lines.map(([level]) => level)).toEqual(['warn', 'info', 'warn', 'info', 'warn', 'info'])
      await storage.close()
      const reader = new ObjectStorage({ store: openStore(shared.url(`gone-${fault}`), shared), app: 'app' })
      await reader.open()
      expect(await contents(reader)).toEqual(expected)
    },
  )
})
