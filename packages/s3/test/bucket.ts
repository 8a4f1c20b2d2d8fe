import { randomUUID } from 'node:crypto'
import { afterEach, inject } from 'vitest'
import { type S3Options, s3ObjectStore } from '../src/index.ts'
import { TcpProxy } from './tcp-proxy.ts'

interface Started {
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** What the first test of a run may have to wait for: an installation. */
export const START_MS = 900_000

/** A bucket of this test alone, in the LocalStack of this run. */
export interface TestBucket extends Started {
  readonly name: string
  /** `s3://bucket/prefix?endpoint=…` */
  url(prefix?: string, endpoint?: string): string
  /** The keys of all objects, in order. */
  keys(): Promise<string[]>
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

export async function makeBucket(): Promise<TestBucket> {
  const answer = (await (await fetch(inject('localStackStarter'))).json()) as Started & { error?: string }
  if (answer.error !== undefined) throw new Error(answer.error)
  const { endpoint, credentials } = answer
  const name = `test-${randomUUID()}`
  const made = await fetch(`${endpoint}/${name}`, { method: 'PUT' })
  if (!made.ok) throw new Error(await made.text())
  const url = (prefix = 'app', through = endpoint) => `s3://${name}/${prefix}?endpoint=${through}`
  return {
    endpoint,
    credentials,
    name,
    url,
    async keys() {
      const found: string[] = []
      const store = openStore(url(''), { credentials })
      for await (const { key } of store.list('')) found.push(key)
      return found
    },
  }
}

/** A store that is closed after the test. */
export function openStore(url: string, options: S3Options) {
  const store = s3ObjectStore(url, options)
  closing.push(() => store.close())
  return store
}

/** A way to the LocalStack that the test can cut; closed after it. */
export async function proxyOf(endpoint: string): Promise<TcpProxy> {
  const proxy = await TcpProxy.to(endpoint)
  closing.push(() => proxy.close())
  return proxy
}
