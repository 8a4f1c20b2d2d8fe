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
  await (await beginStream(place, name, shards)).settled
}

/** See `LocalStack.beginStream`. */
export async function beginStream(
  place: KinesisPlace,
  name: string,
  shards: number,
): Promise<{ readonly settled: Promise<void> }> {
  let madeMs = await makeStream(place, name, shards)
  const deadline = performance.now() + STREAM_TIMEOUT_MS
  for (;;) {
    const described = await call(place, 'DescribeStreamSummary', { StreamName: name })
    let status = 'gone again'
    if (described.ok) {
      const { StreamDescriptionSummary: summary } = (await described.json()) as {
        StreamDescriptionSummary: { StreamStatus: string }
      }
      status = summary.StreamStatus
    } else if (!(await described.clone().text()).includes('ResourceNotFoundException')) {
      throw await refusal(place, `the stream "${name}" is not there`, described)
    }
    if (status === 'ACTIVE') {
      const restMs = madeMs === undefined ? 0 : Math.max(0, madeMs + FIRST_SECOND_MS - Date.now())
      return { settled: sleep(restMs) }
    }
    if (performance.now() > deadline) {
      throw new StatefunError('SF_GATE_LOCALSTACK', `the stream "${name}" is still ${status}`, {
        where: place.logPath,
      })
    }
    await sleep(20)
    // One of that name was being deleted: that was in the way of this one, or took it along.
    if (!described.ok) madeMs = await makeStream(place, name, shards)
  }
}

/** When the stream was made; undefined when there is one. */
async function makeStream(place: KinesisPlace, name: string, shards: number): Promise<number | undefined> {
  const created = await call(place, 'CreateStream', { StreamName: name, ShardCount: shards })
  const madeMs = Date.now()
  if (created.ok) return madeMs
  if ((await created.clone().text()).includes('ResourceInUseException')) return undefined
  throw await refusal(place, `the stream "${name}" could not be made`, created)
}

async function refusal(place: KinesisPlace, what: string, response: Response): Promise<StatefunError> {
  return new StatefunError('SF_GATE_LOCALSTACK', `${what} (HTTP ${response.status})`, {
    excerpt: await response.text(),
    where: place.logPath,
  })
}
