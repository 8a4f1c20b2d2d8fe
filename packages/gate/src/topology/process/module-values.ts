import type { AwsAccess } from '../deployment-access.ts'

/** Where the parts of one deployment are. */
export interface Reach {
  /** `127.0.0.1:<port>` of the broker. */
  readonly bootstrap: string
  /** URL of the function server, with its path. */
  readonly functionsUrl: string
  readonly aws: AwsAccess
}

/**
 * What the placeholders of a module.yaml stand for in a run on real parts, by name: the same names as in an app's own
 * environment.
 */
export function moduleValues({ bootstrap, functionsUrl, aws }: Reach): Readonly<Record<string, string>> {
  return {
    KAFKA_BOOTSTRAP: bootstrap,
    FUNCTIONS_URL: functionsUrl,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    ...(aws.endpoint === undefined ? {} : { KINESIS_ENDPOINT: aws.endpoint }),
  }
}
