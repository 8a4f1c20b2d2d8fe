import type { KinesisClient, StartingPosition, SubscribeToShardEventStream } from '@aws-sdk/client-kinesis'
import { loadSdk } from '../client/create-client.ts'
import { problemOf } from '../client/kinesis-failure.ts'
import type { ReadFrom, StreamRef } from './kinesis-reads.ts'
import type { KinesisSubscriptions, StreamConsumer, SubscriptionEvent } from './kinesis-subscriptions.ts'
import { streamInput, toChild, toRecord } from './sdk-shapes.ts'

/** The calls of {@link KinesisSubscriptions} through a client, which is closed with them. */
export class SdkSubscriptions implements KinesisSubscriptions {
  readonly #client: KinesisClient

  constructor(client: KinesisClient) {
    this.#client = client
  }

  async streamArn(stream: StreamRef, abortSignal: AbortSignal): Promise<string> {
    if (stream.arn !== undefined) return stream.arn
    const { DescribeStreamSummaryCommand } = await loadSdk()
    const command = new DescribeStreamSummaryCommand(streamInput(stream))
    const answer = await this.#client.send(command, { abortSignal })
    return answer.StreamDescriptionSummary?.StreamARN ?? ''
  }

  async describeConsumer(
    streamArn: string,
    name: string,
    abortSignal: AbortSignal,
  ): Promise<StreamConsumer | undefined> {
    const { DescribeStreamConsumerCommand } = await loadSdk()
    const command = new DescribeStreamConsumerCommand({ StreamARN: streamArn, ConsumerName: name })
    try {
      const { ConsumerDescription: found } = await this.#client.send(command, { abortSignal })
      return { arn: found?.ConsumerARN ?? '', active: found?.ConsumerStatus === 'ACTIVE' }
    } catch (error) {
      if (problemOf(error).name === 'ResourceNotFoundException') return undefined
      throw error
    }
  }

  async registerConsumer(streamArn: string, name: string, abortSignal: AbortSignal): Promise<void> {
    const { RegisterStreamConsumerCommand } = await loadSdk()
    const command = new RegisterStreamConsumerCommand({ StreamARN: streamArn, ConsumerName: name })
    await this.#client.send(command, { abortSignal })
  }

  async subscribe(
    consumerArn: string,
    shardId: string,
    from: ReadFrom,
    abortSignal: AbortSignal,
  ): Promise<AsyncIterable<SubscriptionEvent>> {
    const { SubscribeToShardCommand } = await loadSdk()
    const command = new SubscribeToShardCommand({
      ConsumerARN: consumerArn,
      ShardId: shardId,
      StartingPosition: startingPosition(from),
    })
    const { EventStream: events } = await this.#client.send(command, { abortSignal })
    return toEvents(events)
  }

  close(): void {
    this.#client.destroy()
  }
}

async function* toEvents(
  events: AsyncIterable<SubscribeToShardEventStream> | undefined,
): AsyncIterable<SubscriptionEvent> {
  for await (const { SubscribeToShardEvent: event } of events ?? []) {
    if (event === undefined) continue
    const children = (event.ChildShards ?? []).map(toChild)
    yield {
      records: (event.Records ?? []).map(toRecord),
      behindMs: event.MillisBehindLatest ?? 0,
      atEnd: children.length > 0 && !event.ContinuationSequenceNumber,
      children,
    }
  }
}

function startingPosition(from: ReadFrom): StartingPosition {
  if (from === 'latest') return { Type: 'LATEST' }
  switch (from.at) {
    case 'trim-horizon':
      return { Type: 'TRIM_HORIZON' }
    case 'timestamp':
      return { Type: 'AT_TIMESTAMP', Timestamp: new Date(from.epochMs) }
    case 'after':
      return { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: from.sequence }
    case 'within':
      return { Type: 'AT_SEQUENCE_NUMBER', SequenceNumber: from.sequence }
  }
}
