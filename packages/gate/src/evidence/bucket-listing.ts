import type { AwsAccess } from '../topology/deployment-access.ts'
import { awsCall } from './aws-call.ts'

const MOST_PAGES = 10

/** Everything in the bucket of a deployment's checkpoints: time, bytes and key, a line each. */
export async function bucketListing(aws: AwsAccess, bucket: string, signal: AbortSignal): Promise<string> {
  const lines: string[] = []
  let token: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const next: string = token === undefined ? '' : `&continuation-token=${encodeURIComponent(token)}`
    const response = await awsCall(aws, 's3', `/${bucket}?list-type=2${next}`, { signal })
    const xml = await response.text()
    for (const [, object = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      lines.push(
        `${field(object, 'LastModified')} ${field(object, 'Size').padStart(12)} ${field(object, 'Key')}`,
      )
    }
    if (field(xml, 'IsTruncated') !== 'true') return listing()
    token = field(xml, 'NextContinuationToken')
  }
  lines.push('… and more')
  return listing()

  function listing(): string {
    return `s3://${bucket}: ${lines.length} objects\n${lines.map((line) => `${line}\n`).join('')}`
  }
}

function field(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&')
}
