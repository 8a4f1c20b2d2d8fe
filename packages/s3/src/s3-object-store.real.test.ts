import { beforeAll, describe, expect, it } from 'vitest'
import { makeBucket, openStore, START_MS, type TestBucket } from '../test/bucket.ts'
import type { S3Options } from './s3-object-store.ts'

let bucket: TestBucket
beforeAll(async () => {
  bucket = await makeBucket()
}, START_MS)

const bytes = (text: string) => Buffer.from(text)

function at(prefix: string, over: Partial<S3Options> = {}) {
  return openStore(bucket.url(prefix), { credentials: bucket.credentials, ...over })
}

async function keysOf(prefix: string, list: string, after?: string): Promise<[key: string, bytes: number][]> {
  const found: [string, number][] = []
  for await (const { key, bytes } of at(prefix).list(list, after)) found.push([key, bytes])
  return found
}

describe('a prefix of a bucket', () => {
  it('keeps objects', async () => {
    const store = at('keeps')
    expect(store.url).toBe(`s3://${bucket.name}/keeps`)
    expect(await store.get('a')).toBeUndefined()
    await store.put('a', bytes('one'))
    await store.put('a', bytes('two'))
    await store.put('empty', bytes(''))
    expect(Buffer.from((await store.get('a'))!).toString()).toBe('two')
    expect(await store.get('empty')).toHaveLength(0)
    expect(await bucket.keys()).toEqual(expect.arrayContaining(['keeps/a', 'keeps/empty']))
    await store.remove(['a', 'empty', 'never was'])
    expect(await keysOf('keeps', '')).toEqual([])
  })

  it('stores a new object once', async () => {
    const store = at('new')
    expect(await store.putNew('a', bytes('one'))).toBe('stored')
    expect(await store.putNew('a', bytes('two'))).toBe('exists')
    expect(store.conditional).toBe(true)
    expect(Buffer.from((await store.get('a'))!).toString()).toBe('one')
  })

  it('lets one of many at the same moment win', async () => {
    const stores = Array.from({ length: 8 }, () => at('race'))
    const answers = await Promise.all(stores.map((store, index) => store.putNew('a', bytes(String(index)))))
    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1)
    const winner = answers.indexOf('stored')
    expect(Buffer.from((await at('race').get('a'))!).toString()).toBe(String(winner))
  })

  it('lists in order, from a key on, over several pages', async () => {
    const store = at('list')
    const all = Array.from({ length: 1100 }, (_, index) => `log-${String(index).padStart(4, '0')}`)
    const left = [...all, 'other', 'lo']
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        for (let key = left.pop(); key !== undefined; key = left.pop()) await store.put(key, bytes(key))
      }),
    )
    expect(await keysOf('list', 'log-')).toEqual(all.map((key) => [key, key.length]))
    expect(await keysOf('list', 'log-', 'log-0500')).toEqual(all.slice(501).map((key) => [key, key.length]))
    expect(await keysOf('list', 'log-', 'log-1099')).toEqual([])
  })

  it('is not the one whose name it begins with, and may be the whole bucket', async () => {
    await at('pre').put('a', bytes('1'))
    await at('prefix').put('b', bytes('2'))
    expect(await keysOf('pre', '')).toEqual([['a', 1]])
    expect(await keysOf('', 'pre/')).toEqual([['pre/a', 1]])
  })

  it('keeps megabytes as they are', async () => {
    const large = Buffer.alloc(
      20_000_000,
      Uint8Array.from({ length: 251 }, (_, at) => at),
    )
    await at('large').put('a', large)
    expect(large.equals((await at('large').get('a'))!)).toBe(true)
  })

  it('reads no more than it should', async () => {
    await at('bounded').put('a', Buffer.alloc(1001))
    await expect(at('bounded', { maxObjectBytes: 1000 }).get('a')).rejects.toMatchObject({
      code: 'SF_S3_TOO_LARGE',
      where: `s3://${bucket.name}/bounded/a`,
    })
    expect(await at('bounded', { maxObjectBytes: 1001 }).get('a')).toHaveLength(1001)
  })

  it('says that there is no such bucket', async () => {
    const store = openStore(`s3://never-was/app?endpoint=${bucket.endpoint}`, bucket)
    const refused = { code: 'SF_S3_NO_BUCKET', where: 's3://never-was/app/a', hint: expect.any(String) }
    await expect(store.get('a')).rejects.toMatchObject(refused)
    await expect(store.putNew('a', bytes('1'))).rejects.toMatchObject(refused)
    await expect(store.list('a')[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused)
  })
})
