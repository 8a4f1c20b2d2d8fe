import { kinesisRecordValue, parseTypename, StatefunError } from '@statefun/protocol'
import { type EgressRef, encodeRecordValue, optionalText, type PlainValue, requireText } from './egress.ts'
import type { ValueType } from './value-type.ts'

/** What {@link Context.emit} takes for a Kinesis egress. */
export type KinesisRecord<Value, Stream extends string | undefined = undefined> = {
  /** Non-empty text that chooses the shard. */
  readonly partitionKey: string
  /** A 128-bit number in decimal that chooses the shard instead of the hash of the partition key. */
  readonly explicitHashKey?: string | undefined
  readonly value: Value
} & (undefined extends Stream ? { readonly stream: string } : { readonly stream?: string | undefined })

/** Options of {@link kinesisEgress}. */
export interface KinesisEgressOptions<Value, Stream extends string | undefined> {
  /** The stream of records that name none. */
  readonly stream?: Stream
  /** The type of the values: their bytes become the record's data. Without it: text, bytes or `typed(type, value)`. */
  readonly value?: ValueType<unknown, Value>
}

/**
 * Refers to a Kinesis egress of module.yaml. On kzm's runtime the stream is fixed by module.yaml, and stream and
 * `explicitHashKey` of a record are ignored (contract 11).
 *
 * @param typename the egress's id, `<namespace>/<name>`
 * @throws StatefunError `SF_TYPENAME_INVALID`, `SF_SDK_RECORD_INVALID` for an empty default stream
 * @example
 * const events = kinesisEgress('counter/events', { stream: 'events' })
 * ctx.emit(events, { partitionKey: ctx.self.id, value: 'counted' })
 */
export function kinesisEgress<Value = PlainValue, const Stream extends string | undefined = undefined>(
  typename: string,
  options: KinesisEgressOptions<Value, Stream> = {},
): EgressRef<KinesisRecord<Value, Stream>> {
  const defaultStream: string | undefined = options.stream
  if (defaultStream !== undefined) requireText(typename, 'stream', defaultStream)
  return {
    typename,
    ...parseTypename(typename),
    encode: (record) =>
      kinesisRecordValue({
        stream: requireText(typename, 'stream', record.stream ?? defaultStream),
        partitionKey: requireText(typename, 'partitionKey', record.partitionKey),
        explicitHashKey: hashKey(typename, record.explicitHashKey),
        value: encodeRecordValue(typename, options.value, record.value),
      }),
  }
}

/** Kinesis refuses any other form of a hash key, and that would fail the job. */
function hashKey(where: string, key: string | undefined): string {
  const text = optionalText(where, 'explicitHashKey', key)
  if (text === '' || (/^(0|[1-9]\d{0,38})$/.test(text) && BigInt(text) < 2n ** 128n)) return text
  throw new StatefunError('SF_SDK_RECORD_INVALID', `"${text}" is not a hash key`, {
    where,
    hint: 'give a whole number below 2^128 as decimal text',
  })
}
