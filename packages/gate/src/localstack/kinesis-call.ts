import { setTimeout as sleep } from 'node:timers/promises'
import { StatefunError } from '@statefun/protocol'
import { uncheckedSignature } from './unchecked-signature.ts'

/** Where a call goes. */
export interface KinesisPlace {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string }
  readonly logPath: string
}

const CALL_TIMEOUT_MS = 60_000
const STREAM_TIMEOUT_MS = 60_000
/** A record that comes in the second in which its shard is made is handed out again and again, until there is another. */
const FIRST_SECOND_MS = 1500

/** One call of LocalStack's Kinesis. */
async function call(place: KinesisPlace, action: string, input: object): Promise<Response> {
  return await fetch(place.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Kinesis_20131202.${action}`,
      authorization: uncheckedSignature(place.credentials.accessKeyId, place.region, 'kinesis'),
    },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  })
}

/**
 * Has LocalStack start its back end, which it does with the first call, and waits for the answer.
 *
 * @throws StatefunError `SF_GATE_LOCALSTACK`
 */
export async function startBackEnd(place: KinesisPlace): Promise<void> {
  const response = await call(place, 'ListStreams', {})
  if (!response.ok) throw await refusal(place, 'the back end of Kinesis did not start', response)
  await response.arrayBuffer()
}

/** See `LocalStack.createStream`. */
export async function createStream(place: KinesisPlace, name: string, shards: number): Promise<void> {
  const created = await call(place, 'CreateStream', { StreamName: name, ShardCount: shards })
  const createdMs = Date.now()
  const text = await created.clone().text()
  if (!created.ok && !text.includes('ResourceInUseException')) {
    throw await refusal(place, `the stream "${name}" could not be made`, created)
  }
  const deadline = performance.now() + STREAM_TIMEOUT_MS
  for (;;) {
    const described = await call(place, 'DescribeStreamSummary', { StreamName: name })
    if (!described.ok) throw await refusal(place, `the stream "${name}" is not there`, described)
    const { StreamDescriptionSummary: summary } = (await described.json()) as {
      StreamDescriptionSummary: { StreamStatus: string }
    }
    if (summary.StreamStatus === 'ACTIVE') {
      if (created.ok) await sleep(Math.max(0, createdMs + FIRST_SECOND_MS - Date.now()))
      return
    }
    if (performance.now() > deadline) {
      throw new StatefunError('SF_GATE_LOCALSTACK', `the stream "${name}" is still ${summary.StreamStatus}`, {
        where: place.logPath,
      })
    }
    await sleep(20)
  }
}

async function refusal(place: KinesisPlace, what: string, response: Response): Promise<StatefunError> {
  return new StatefunError('SF_GATE_LOCALSTACK', `${what} (HTTP ${response.status})`, {
    excerpt: await response.text(),
    where: place.logPath,
  })
}
