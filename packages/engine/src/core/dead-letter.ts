import {
  encodeKafkaProducerRecord,
  formatAddress,
  type Invocation,
  KAFKA_PRODUCER_RECORD,
  type Metadata,
  type StatefunError,
  type TypedValue,
} from '@statefun/protocol'
import type { Instance } from './instance.ts'

/** Headers with this prefix are ours; those that came in with it are left out. */
const PREFIX = 'statefun.failure/'

/**
 * The record of policy `deadLetter`: the message's bytes as value, the instance's id as key, the message's headers, and
 * headers that say which function failed on it and why.
 */
export function deadLetterRecord(
  instance: Instance,
  { caller, argument }: Invocation,
  topic: string,
  error: StatefunError,
  now: number,
): TypedValue {
  const facts: [string, string][] = [
    ['function', instance.type.typename],
    ['id', instance.id],
    ['typename', argument.typename],
    ['code', error.code],
    ['error', error.message],
    ['time', new Date(now).toISOString()],
  ]
  if (caller !== undefined) facts.push(['caller', formatAddress(caller)])
  const headers: Metadata[] = (argument.metadata ?? []).filter(({ key }) => !key.startsWith(PREFIX))
  for (const [key, value] of facts) headers.push({ key: PREFIX + key, value: Buffer.from(value) })
  return {
    typename: KAFKA_PRODUCER_RECORD,
    hasValue: true,
    value: encodeKafkaProducerRecord({ topic, key: instance.id, value: argument.value, headers }),
  }
}
