import { kafkaRecordValue, parseTypename } from '@statefun/protocol'
import { type EgressRef, encodeRecordValue, optionalText, type PlainValue, requireText } from './egress.ts'
import { encodeHeaders, type HeadersInput } from './headers.ts'
import type { ValueType } from './value-type.ts'

/** What {@link Context.emit} takes for a Kafka egress. */
export type KafkaRecord<Value, Topic extends string | undefined = undefined> = {
  /** The record's key as UTF-8; absent or '' produces a record without key. */
  readonly key?: string | undefined
  readonly value: Value
  /** Written to the record in this order (contract 2.3); dropped by runtimes that do not know them. */
  readonly headers?: HeadersInput | undefined
} & (undefined extends Topic ? { readonly topic: string } : { readonly topic?: string | undefined })

/** Options of {@link kafkaEgress}. */
export interface KafkaEgressOptions<Value, Topic extends string | undefined> {
  /** The topic of records that name none. */
  readonly topic?: Topic
  /** The type of the values: their bytes become the record's value. Without it: text, bytes or `typed(type, value)`. */
  readonly value?: ValueType<unknown, Value>
}

/**
 * Refers to a Kafka egress of module.yaml.
 *
 * @param typename the egress's id, `<namespace>/<name>`
 * @throws StatefunError `SF_TYPENAME_INVALID`, `SF_SDK_RECORD_INVALID` for an empty default topic
 * @example
 * const results = kafkaEgress('counter/results', { topic: 'counter.results', value: jsonType<{ total: number }>('counter/total') })
 * ctx.emit(results, { key: ctx.self.id, value: { total: 3 }, headers: { source: 'counter' } })
 */
export function kafkaEgress<Value = PlainValue, const Topic extends string | undefined = undefined>(
  typename: string,
  options: KafkaEgressOptions<Value, Topic> = {},
): EgressRef<KafkaRecord<Value, Topic>> {
  const defaultTopic: string | undefined = options.topic
  if (defaultTopic !== undefined) requireText(typename, 'topic', defaultTopic)
  return {
    typename,
    ...parseTypename(typename),
    encode: (record) =>
      kafkaRecordValue({
        topic: requireText(typename, 'topic', record.topic ?? defaultTopic),
        key: optionalText(typename, 'key', record.key),
        value: encodeRecordValue(typename, options.value, record.value),
        headers: encodeHeaders(record.headers) ?? [],
      }),
  }
}
