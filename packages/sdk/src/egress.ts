import { parseTypename, StatefunError, type TypedValue } from '@statefun/protocol'
import { encodeValue, TypedPayload } from './typed.ts'
import type { AnyValueType, ValueType } from './value-type.ts'

/** Where results leave the application; `Rec` is what {@link Context.emit} takes for it. */
export interface EgressRef<in Rec> {
  /** `<namespace>/<name>`: the egress's id in module.yaml. */
  readonly typename: string
  readonly namespace: string
  readonly name: string
  /** The wire form of a record. @throws StatefunError when the record is incomplete or of the wrong type */
  readonly encode: (record: Rec) => TypedValue
}

/**
 * An egress that receives typed values as they are sent: custom sinks and the playground (contract 2.3). For Kafka and
 * Kinesis use {@link kafkaEgress} and {@link kinesisEgress}.
 *
 * @throws StatefunError `SF_TYPENAME_INVALID`
 * @example
 * const audit = egress('example/audit', types.string)
 * ctx.emit(audit, 'counted')
 */
export function egress<In>(typename: string, type: ValueType<unknown, In>): EgressRef<In> {
  parseTypename(type.typename)
  return {
    typename,
    ...parseTypename(typename),
    encode: (value) => ({
      typename: type.typename,
      hasValue: true,
      value: encodeValue(type, value, `value for ${typename}`),
    }),
  }
}

/** What an egress record without a declared type may hold: text (UTF-8), raw bytes, or a {@link TypedPayload}. */
export type PlainValue = string | Uint8Array | TypedPayload

const encoder = new TextEncoder()

/**
 * The bytes of a record's value (contract 2.3). Numbers without a type are refused: the other SDKs write them in different
 * widths, so none of them would be what the reader expects.
 *
 * @throws StatefunError `SF_SDK_VALUE_MISSING`, `SF_SDK_VALUE_INVALID`, `SF_SDK_VALUE_WITHOUT_TYPE`
 */
export function encodeRecordValue(where: string, type: AnyValueType | undefined, value: unknown): Uint8Array {
  if (value instanceof TypedPayload) return value.bytes
  if (type !== undefined) return encodeValue(type, value, `value for ${where}`)
  if (typeof value === 'string') return encoder.encode(value)
  if (value instanceof Uint8Array) return value
  if (value === undefined || value === null) {
    throw new StatefunError('SF_SDK_VALUE_MISSING', `the record has no value (${value})`, {
      where,
      hint: 'tombstones cannot be produced through an egress (contract 2.3); send empty text for an empty value',
    })
  }
  throw new StatefunError('SF_SDK_VALUE_WITHOUT_TYPE', `a ${typeof value} has no bytes of its own`, {
    where,
    hint: 'declare the type: kafkaEgress(name, { value: type }), or give typed(type, value), text or bytes',
  })
}

/** @throws StatefunError `SF_SDK_RECORD_INVALID` */
export function requireText(where: string, field: string, text: unknown): string {
  if (typeof text === 'string' && text !== '') return text
  throw new StatefunError('SF_SDK_RECORD_INVALID', `the record needs a ${field}`, {
    where,
    hint: `give ${field} as non-empty text`,
  })
}

/** @throws StatefunError `SF_SDK_RECORD_INVALID` */
export function optionalText(where: string, field: string, text: unknown): string {
  if (text === undefined) return ''
  if (typeof text === 'string') return text
  throw new StatefunError('SF_SDK_RECORD_INVALID', `the record's ${field} is a ${typeof text}`, {
    where,
    hint: `give ${field} as text`,
  })
}
