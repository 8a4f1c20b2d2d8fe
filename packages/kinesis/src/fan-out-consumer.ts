import { backoffMs, type Clock } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { problemOf, showProblem } from './client/kinesis-failure.ts'
import type { FanOutSettings } from './ingress-settings.ts'
import { type StreamRef, streamKey } from './reads/kinesis-reads.ts'
import type { KinesisSubscriptions } from './reads/kinesis-subscriptions.ts'
import { FIRST_RETRY_MS, LONGEST_RETRY_MS, type ReadFailures, startDeadline } from './reads/read-failures.ts'
import { Sleeper } from './sleeper.ts'

const POLL_MS = 500

export interface FindConsumerOptions {
  readonly stream: StreamRef
  readonly settings: FanOutSettings
  readonly subscriptions: KinesisSubscriptions
  readonly failures: ReadFailures
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * ARN of the consumer through which a stream is read by enhanced fan-out. It is registered when there is none, and stays
 * registered: registering takes its time, and restarts are to be short.
 *
 * @throws StatefunError `SF_KINESIS_NO_CONSUMER` when it is to be registered by somebody else and is not;
 * `SF_KINESIS_UNAVAILABLE` when it is not active after a minute; what {@link ReadFailures.judge} finds fatal
 */
export async function findConsumer(options: FindConsumerOptions): Promise<string> {
  const { stream, settings, failures, clock, signal } = options
  const given = settings.consumerArns.get(stream.name)
  if (given !== undefined) return given
  const sleeper = new Sleeper(clock)
  signal.addEventListener('abort', () => sleeper.wake(), { once: true })
  const deadline = startDeadline(clock)
  for (let attempt = 1; ; attempt++) {
    let pause = POLL_MS
    let reason = ''
    try {
      const arn = await lookUp(options)
      if (arn !== undefined) return arn
    } catch (error) {
      const verdict = failures.judge(error, 'RegisterStreamConsumer')
      if ('error' in verdict) throw verdict.error
      reason = `: ${showProblem(problemOf(error))}`
      pause = backoffMs(attempt, FIRST_RETRY_MS, LONGEST_RETRY_MS)
    }
    if (signal.aborted || clock.monotonic() > deadline) {
      throw consumerError('SF_KINESIS_UNAVAILABLE', `is not active${reason}`, options)
    }
    await sleeper.sleep(pause)
  }
}

async function lookUp(options: FindConsumerOptions): Promise<string | undefined> {
  const { stream, settings, subscriptions, signal } = options
  const name = settings.consumer ?? ''
  const streamArn = await subscriptions.streamArn(stream, signal)
  const found = await subscriptions.describeConsumer(streamArn, name, signal)
  if (found !== undefined) return found.active ? found.arn : undefined
  if (!settings.register) throw consumerError('SF_KINESIS_NO_CONSUMER', 'is not registered', options)
  await subscriptions.registerConsumer(streamArn, name, signal)
  return undefined
}

function consumerError(code: string, what: string, { stream, settings }: FindConsumerOptions): StatefunError {
  return new StatefunError(
    code,
    `the consumer "${settings.consumer ?? ''}" of stream ${streamKey(stream)} ${what}`,
    {
      where: `stream [${streamKey(stream)}]`,
      hint: 'register it: aws kinesis register-stream-consumer --stream-arn … --consumer-name …',
    },
  )
}
