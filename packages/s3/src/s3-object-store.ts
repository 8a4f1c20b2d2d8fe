import type { S3Client } from '@aws-sdk/client-s3'
import { type Logger, type ObjectEntry, type ObjectStore, silentLogger } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { type Attempt, Repetitions } from './repetitions.ts'
import { parseS3Url, type S3Location, showLocation } from './s3-location.ts'

/** Options of {@link s3ObjectStore}; all may be left out. */
export interface S3Options {
  /** Default: the SDK's chain (environment, profile, web identity, role of the container or machine). */
  readonly credentials?: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
  readonly logger?: Logger
  /** Milliseconds for which a call that fails is repeated; default for ever. */
  readonly retryForMs?: number
  /** Milliseconds without progress after which an attempt is given up and made again; default 10000. */
  readonly attemptTimeoutMs?: number
  /** Largest object that is read; default 1 GiB. */
  readonly maxObjectBytes?: number
}

const ATTEMPT_TIMEOUT_MS = 10_000
const CONNECT_TIMEOUT_MS = 5000
const MAX_OBJECT_BYTES = 1024 * 1024 * 1024
/** What an upload is given time for: bytes a millisecond. */
const SLOWEST_UPLOAD = 256
/** Objects removed at once. */
const REMOVALS = 16

/** Where the SDK comes from: loading it takes longer than the start of a command that needs none. */
const loadSdk = () => import('@aws-sdk/client-s3')

/**
 * A prefix of a bucket in Amazon S3 or any store with its protocol: `s3://bucket/prefix?endpoint=…&region=…&path-style=true`
 * (see {@link parseS3Url}). With an endpoint, path style is the default, and a region is not needed.
 *
 * A call that fails is repeated with growing pauses, for ever unless `retryForMs` says otherwise; the log tells when that
 * begins and when it is over. What no repetition can mend rejects at once. TLS trusts what Node trusts: a CA of your own is
 * added with `NODE_EXTRA_CA_CERTS`. Nothing connects before the first call.
 *
 * @throws StatefunError `SF_S3_URL`; its calls: `SF_S3_NO_BUCKET`, `SF_S3_REFUSED`, `SF_S3_CREDENTIALS`, `SF_S3_REGION`,
 * `SF_S3_TOO_LARGE`, `SF_OBJECT_STORE_UNAVAILABLE`, `SF_OBJECT_STORE_CLOSED`
 * @example
 * const store = s3ObjectStore('s3://my-checkpoints/shop?region=eu-central-1')
 * const storage = new ObjectStorage({ store, app: 'shop' })
 */
export function s3ObjectStore(url: string, options: S3Options = {}): ObjectStore {
  return new S3ObjectStore(parseS3Url(url), options)
}

class S3ObjectStore implements ObjectStore {
  readonly url: string
  conditional = true
  readonly #location: S3Location
  readonly #options: S3Options
  readonly #repetitions: Repetitions
  #client: Promise<S3Client> | undefined

  constructor(location: S3Location, options: S3Options) {
    this.url = showLocation(location)
    this.#location = location
    this.#options = options
    this.#repetitions = new Repetitions({
      url: this.url,
      bucket: location.bucket,
      logger: options.logger ?? silentLogger,
      retryForMs: options.retryForMs ?? Number.POSITIVE_INFINITY,
      attemptTimeoutMs: options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS,
    })
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const Key = this.#key(key)
    const found = await this.#repetitions.run<Uint8Array | 'none'>(
      'GetObject',
      Key,
      async (attempt) => {
        const { GetObjectCommand } = await loadSdk()
        const command = new GetObjectCommand({ Bucket: this.#location.bucket, Key })
        const { Body, ContentLength } = await (await this.#connected()).send(command, {
          abortSignal: attempt.signal,
        })
        return await this.#collect(Body as AsyncIterable<Uint8Array>, ContentLength, Key, attempt)
      },
      { expected: (name, status) => (status === 404 && name !== 'NoSuchBucket' ? 'none' : undefined) },
    )
    return found === 'none' ? undefined : found
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    await this.#put(key, body, undefined)
  }

  async putNew(key: string, body: Uint8Array): Promise<'stored' | 'exists'> {
    if (this.conditional) {
      const answer = await this.#put(key, body, '*')
      if (answer !== 'unconditional') return answer
      this.conditional = false
    }
    await this.#put(key, body, undefined)
    return 'stored'
  }

  async *list(prefix: string, after?: string): AsyncIterable<ObjectEntry> {
    const Prefix = this.#key(prefix)
    const own = this.#key('').length
    let next: string | undefined
    do {
      const page = await this.#repetitions.run('ListObjectsV2', Prefix, async ({ signal }) => {
        const { ListObjectsV2Command } = await loadSdk()
        const command = new ListObjectsV2Command({
          Bucket: this.#location.bucket,
          Prefix,
          ...(next === undefined ? {} : { ContinuationToken: next }),
          ...(next === undefined && after !== undefined ? { StartAfter: this.#key(after) } : {}),
        })
        return await (await this.#connected()).send(command, { abortSignal: signal })
      })
      for (const { Key = '', Size = 0 } of page.Contents ?? []) yield { key: Key.slice(own), bytes: Size }
      next = page.IsTruncated === true ? page.NextContinuationToken : undefined
    } while (next !== undefined)
  }

  /** One by one: such requests cost nothing, and every store has them. */
  async remove(keys: readonly string[]): Promise<void> {
    const left = [...keys]
    const work = async () => {
      for (let key = left.pop(); key !== undefined; key = left.pop()) await this.#remove(key)
    }
    await Promise.all(Array.from({ length: Math.min(REMOVALS, left.length) }, work))
  }

  async close(): Promise<void> {
    this.#repetitions.close()
    const client = await this.#client?.catch(() => undefined)
    client?.destroy()
  }

  async #put(
    key: string,
    body: Uint8Array,
    condition: '*' | undefined,
  ): Promise<'stored' | 'exists' | 'unconditional'> {
    const Key = this.#key(key)
    return await this.#repetitions.run<'stored' | 'exists' | 'unconditional'>(
      'PutObject',
      Key,
      async ({ signal }) => {
        const { PutObjectCommand } = await loadSdk()
        const command = new PutObjectCommand({
          Bucket: this.#location.bucket,
          Key,
          Body: body,
          ContentLength: body.length,
          ...(condition === undefined ? {} : { IfNoneMatch: condition }),
        })
        await (await this.#connected()).send(command, { abortSignal: signal })
        return 'stored'
      },
      {
        extraMs: body.length / SLOWEST_UPLOAD,
        expected: (name, status) => {
          if (condition === undefined) return undefined
          if (status === 412) return 'exists'
          return status === 501 || name === 'NotImplemented' ? 'unconditional' : undefined
        },
      },
    )
  }

  async #remove(key: string): Promise<void> {
    const Key = this.#key(key)
    await this.#repetitions.run('DeleteObject', Key, async ({ signal }) => {
      const { DeleteObjectCommand } = await loadSdk()
      const command = new DeleteObjectCommand({ Bucket: this.#location.bucket, Key })
      await (await this.#connected()).send(command, { abortSignal: signal })
    })
  }

  /** Reads a body, which is bounded, and may take as long as it goes on. */
  async #collect(
    body: AsyncIterable<Uint8Array>,
    length: number | undefined,
    key: string,
    { progressed, signal }: Attempt,
  ): Promise<Uint8Array> {
    const { maxObjectBytes = MAX_OBJECT_BYTES } = this.#options
    const chunks: Uint8Array[] = []
    let bytes = 0
    const mustFit = (size: number) => {
      if (size <= maxObjectBytes) return
      throw new StatefunError(
        'SF_S3_TOO_LARGE',
        `the object has ${size} bytes or more, ${maxObjectBytes} are read at most`,
        {
          where: `s3://${this.#location.bucket}/${key}`,
          hint: 'if it is an object of this checkpoint, raise maxObjectBytes',
        },
      )
    }
    mustFit(length ?? 0)
    for await (const chunk of body) {
      bytes += chunk.length
      mustFit(bytes)
      chunks.push(chunk)
      progressed()
    }
    // A body that was cut off ends as if it were whole.
    signal.throwIfAborted()
    if (length !== undefined && bytes !== length) throw new Error(`${bytes} of ${length} bytes came`)
    return Buffer.concat(chunks, bytes)
  }

  #key(key: string): string {
    const { prefix } = this.#location
    return prefix === '' ? key : `${prefix}/${key}`
  }

  #connected(): Promise<S3Client> {
    this.#client ??= this.#connect()
    return this.#client
  }

  async #connect(): Promise<S3Client> {
    const { endpoint, pathStyle } = this.#location
    const { credentials } = this.#options
    const { AWS_REGION, AWS_DEFAULT_REGION } = process.env
    // Stores of others mostly do not care, and the SDK does not sign without one.
    const fallback = AWS_REGION ?? AWS_DEFAULT_REGION ?? (endpoint === undefined ? undefined : 'us-east-1')
    const region = this.#location.region ?? fallback
    const { S3Client } = await loadSdk()
    return new S3Client({
      // Repetitions are ours: they are as long and as loud as we want them.
      maxAttempts: 1,
      forcePathStyle: pathStyle ?? endpoint !== undefined,
      // Stores of others reject checksums that they do not know; every object has its own inside.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      ...(credentials === undefined ? {} : { credentials }),
    })
  }
}
