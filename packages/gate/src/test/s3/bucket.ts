import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { StatefunError } from '@statefun/protocol'
import type { AwsAccess } from '../../topology/deployment-access.ts'
import { clientSettings } from '../aws-client.ts'

/** An object of a bucket. */
export interface BucketObject {
  readonly key: string
  readonly bytes: number
}

/** The bucket that holds the checkpoints of a deployment. */
export class Bucket implements AsyncDisposable {
  readonly name: string
  /** What the keys of the deployment's checkpoints begin with. */
  readonly checkpoints: string
  /** The client of AWS, for whatever else a test wants. */
  readonly client: S3Client

  /** @throws StatefunError `SF_GATE_LACKS` when checkpoints are in no bucket */
  constructor(access: AwsAccess | undefined) {
    if (access?.checkpoints === undefined) {
      throw new StatefunError('SF_GATE_LACKS', 'this deployment keeps its checkpoints in no bucket', {
        hint: "let the test say what it needs: meta: { needs: ['s3-checkpoints'] }",
      })
    }
    this.name = access.checkpoints.bucket
    this.checkpoints = access.checkpoints.prefix
    this.client = new S3Client({ ...clientSettings(access), forcePathStyle: true })
  }

  /** All objects whose key begins with a prefix; those of the checkpoints when it is left out. */
  async list(prefix: string = this.checkpoints): Promise<readonly BucketObject[]> {
    const objects: BucketObject[] = []
    for (let token: string | undefined; ; ) {
      const page = await this.client.send(
        new ListObjectsV2Command({
          Bucket: this.name,
          Prefix: prefix,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      )
      for (const { Key, Size } of page.Contents ?? []) objects.push({ key: Key ?? '', bytes: Size ?? 0 })
      token = page.NextContinuationToken
      if (token === undefined) return objects
    }
  }

  /** The bytes of an object. */
  async get(key: string): Promise<Uint8Array> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.name, Key: key }))
    return (await Body?.transformToByteArray()) ?? new Uint8Array()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy()
  }
}
