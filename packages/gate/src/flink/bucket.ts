import type { FlinkSettings } from './config.ts'

/** A bucket for checkpoints, which Flink reaches through its own S3 plugin. */
export interface FlinkBucket {
  /** `s3://<bucket>/<prefix>`: checkpoints and savepoints get a folder each below it. */
  readonly url: string
  /** URL of the service, without the bucket: `http://127.0.0.1:4566`. */
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** Settings by which Flink keeps its checkpoints in a bucket, as contract 7.2 has them. */
export function bucketSettings({ url, endpoint, credentials }: FlinkBucket): FlinkSettings {
  return {
    'state.checkpoints.dir': `${url}/checkpoints`,
    'state.savepoints.dir': `${url}/savepoints`,
    's3.endpoint': endpoint,
    's3.path-style-access': true,
    's3.access-key': credentials.accessKeyId,
    's3.secret-key': credentials.secretAccessKey,
  }
}
